import { describe, expect, it } from "vitest";
import { DerivedKeys, type NewDerivedKey, OVER_MS } from "./derived-keys.ts";

const T = 1_700_000_000_000;
const pod = (name: string): NewDerivedKey => ({
  kind: "log",
  entity: `instance:shop/${name}`,
  service: "shop",
  tier: "",
  department: "",
  source: "city",
  labels: {},
});

describe("DerivedKeys", () => {
  it("gives the place of a key that is over to another one, and refuses only what is too much at a time", () => {
    const keys = new DerivedKeys(3);
    const places = ["a", "b", "c", "d"].map((name) => keys.take(pod(name), T));
    expect([places, keys.refused]).toEqual([[0, 1, 2, -1], 1]);
    keys.all[1]!.lastMs = T + 1;
    expect(keys.forgetOver(T + OVER_MS)).toBe(false);
    expect(keys.forgetOver(T + OVER_MS + 1)).toBe(true);
    expect(keys.all.map((key) => key?.entity)).toEqual([undefined, "instance:shop/b", undefined]);
    expect(keys.take(pod("b"), T)).toBe(1);
    const later = T + OVER_MS + 2;
    expect(["d", "a", "e"].map((name) => keys.take(pod(name), later))).toEqual([2, 0, -1]);
    expect(keys.all[2]).toMatchObject({ entity: "instance:shop/d", bornMs: later, lastMs: 0 });
    expect(keys.forgetOver(later)).toBe(true);
    expect(keys.all[1]).toBeUndefined();
  });
});

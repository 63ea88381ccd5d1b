import { describe, expect, it } from "vitest";
import { RecentNames } from "./recent-names.ts";

describe("RecentNames", () => {
  it("keeps what is told again, and forgets what has been over for a whole turn", () => {
    const names = new RecentNames();
    names.add("pg-1");
    names.add("pg-2");
    names.turn();
    names.add("pg-1");
    expect([names.has("pg-1"), names.has("pg-2"), names.has("pg-3")]).toEqual([true, true, false]);
    names.turn();
    expect([names.has("pg-1"), names.has("pg-2")]).toEqual([true, false]);
    names.turn();
    expect(names.has("pg-1")).toBe(false);
  });
});

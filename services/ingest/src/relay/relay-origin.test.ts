import fc from "fast-check";
import { expect, it } from "vitest";
import { originOffset, withOrigin } from "./relay-origin.ts";

const origin = { site: "suzhou", log: "log-1" };
const sent = { topic: "t", partition: 3, offset: 41, timestampMs: 0, key: "k", value: new Uint8Array([1]), headers: { "yunwei.source": "s" } };

it("keeps key, value and headers, and is known again by site, log and partition only", () => {
  const relayed = withOrigin(sent, origin);
  expect(relayed).toMatchObject({
    key: "k",
    value: sent.value,
    headers: { "yunwei.source": "s", "yunwei.relay-site": "suzhou", "yunwei.relay-offset": "3:41" },
  });
  expect(originOffset(relayed, origin, 3)).toBe(41);
  expect(originOffset(relayed, origin, 2)).toBeUndefined();
  expect(originOffset(relayed, { ...origin, log: "log-2" }, 3)).toBeUndefined();
  expect(originOffset(relayed, { ...origin, site: "wuxi" }, 3)).toBeUndefined();
  expect(originOffset({ key: "k", value: new Uint8Array() }, origin, 3)).toBeUndefined();
});

it("takes no text of others for an offset", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const headers = { "yunwei.relay-site": "suzhou", "yunwei.relay-log": "log-1", "yunwei.relay-offset": text };
      const found = originOffset({ key: "", value: new Uint8Array(), headers }, origin, 0);
      expect(found === undefined || Number.isSafeInteger(found)).toBe(true);
    }),
  );
});

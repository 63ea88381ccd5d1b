import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PeerBook, parseNetwork, senderResource } from "./peer-book.ts";
import { parseSendersFile } from "./senders-file.ts";
import { ZoneClock } from "./zone-clock.ts";

const tokens = ["local", "suzhou", "wuxi", "core"].map((id) => ({ id, sha256: "" }));
const parse = (text: string) => parseSendersFile(text, tokens, "Asia/Shanghai");

describe("parseSendersFile", () => {
  const book = parse(`senders:
  - { from: 10.0.0.0/8, token: suzhou }
  - { from: 10.20.0.0/16, token: wuxi, kind: device, timeZone: UTC }
  - { from: 10.20.0.7, token: core }
  - { from: "2001:db8::/32", token: wuxi }`);

  it.each([
    ["10.1.2.3", "suzhou"],
    ["::ffff:10.1.2.3", "suzhou"],
    ["10.20.3.4", "wuxi"],
    ["10.20.0.7", "core"],
    ["2001:db8::1", "wuxi"],
    ["2001:db9::1", undefined],
    ["11.0.0.1", undefined],
    ["127.0.0.9", "local"],
    ["::1", "local"],
    ["fe80::1%eth0", undefined],
    ["", undefined],
    ["nonsense", undefined],
  ])("%s sends with %s", (address, want) => {
    expect(book.find(address)?.token.id).toBe(want);
    expect(book.find(address)?.token.id).toBe(want); // and again, from the cache
  });

  it("lets a rule say otherwise of this machine itself", () => {
    expect(parse("senders: [{ from: 127.0.0.0/8, token: wuxi }]").find("127.0.0.1")?.token.id).toBe("wuxi");
  });

  it("lets nobody in without a file but this machine itself, and not even that without its token", () => {
    expect([parse("").find("127.0.0.1")?.token.id, parse("").find("10.0.0.1")]).toEqual(["local", undefined]);
    expect(parseSendersFile("", [], "UTC").find("127.0.0.1")).toBeUndefined();
  });

  it.each([
    ["senders: [{ from: 10.0.0.0/33, token: suzhou }]", /line 1: .*10\.0\.0\.0\/33/],
    ["senders:\n  - { from: host.name, token: suzhou }", /line 2: .*host\.name/],
    ["senders: [{ from: 10.0.0.1, token: nanjing }]", /no ingest token nanjing/],
    ["senders: [{ from: 10.0.0.1, token: suzhou, timeZone: Mars/Base }]", /Mars\/Base/],
    ["senders: [{ from: 10.0.0.1, token: suzhou, kind: printer }]", /kind/],
    ["senders: [{ from: 10.0.0.0/24, token: suzhou, name: sw-1 }]", /only an address can have a name/],
    ["senders: [{ from: 10.0.0.1 }]", /token/],
    ["sender: []", /unknown key/],
  ])("refuses %j", (text, want) => expect(() => parse(text)).toThrow(want));
});

it("knows a sender by the name of its rule, else by what it says, else by its address", () => {
  const book = parse("senders: [{ from: 10.0.0.1, token: suzhou, name: sw-1, kind: device }, { from: 10.0.0.2, token: suzhou }]");
  const resource = (address: string, said: string) => senderResource(book.find(address)!, said, address);
  expect(resource("10.0.0.1", "other")).toEqual({ "yunwei.entity.type": "device", "yunwei.entity.id": "sw-1", "host.name": "sw-1" });
  expect([resource("10.0.0.2", "h"), resource("10.0.0.2", "")]).toEqual([{ "host.name": "h" }, { "host.name": "10.0.0.2" }]);
});

describe("PeerBook", () => {
  it("finds an IPv4 address in a network exactly when their first bits agree", () => {
    const address = fc.integer({ min: 0, max: 4_294_967_295 });
    const dotted = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
    const zone = new ZoneClock("UTC");
    fc.assert(
      fc.property(address, address, fc.integer({ min: 0, max: 32 }), fc.boolean(), (network, other, prefix, isNear) => {
        const asked = isNear ? (network ^ ((other >>> prefix) >>> 0)) >>> 0 : other;
        const mask = prefix === 0 ? 0 : (-1 << (32 - prefix)) >>> 0;
        const book = new PeerBook([{ from: `${dotted(network)}/${prefix}`, token: tokens[0]!, kind: "host", name: undefined, zone }], undefined);
        expect(book.find(dotted(asked)) !== undefined).toBe(((network ^ asked) & mask) === 0);
      }),
    );
  });

  it("takes no text for a network that is none", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const network = parseNetwork(text);
        if (network !== undefined) expect(text.startsWith(network.address)).toBe(true);
      }),
    );
  });
});

describe("ZoneClock", () => {
  const wall = (month: number, day: number, hour: number) => ({ year: 2026, month, day, hour, minute: 30, second: 0, millisecond: 0 });
  it.each([
    ["Asia/Shanghai", wall(11, 26, 14), "2026-11-26T06:30:00.000Z"],
    ["America/New_York", wall(7, 1, 12), "2026-07-01T16:30:00.000Z"],
    ["America/New_York", wall(12, 1, 12), "2026-12-01T17:30:00.000Z"],
  ])("%s %j is %s", (name, reading, want) => expect(new Date(new ZoneClock(name).utcMs(reading, 0)!).toISOString()).toBe(want));

  it.each([wall(2, 29, 0), wall(13, 1, 0), wall(0, 1, 0), wall(1, 0, 0), wall(1, 1, 24)])("knows no %j", (reading) => {
    expect(new ZoneClock("UTC").utcMs(reading, 0)).toBeUndefined();
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readTrap, type TrapPdu, textOfValue } from "./snmp-trap.ts";
import { trapLog } from "./trap-log.ts";
import { readableOid } from "./trap-names.ts";
import { parseTrapSettings } from "./trap-settings.ts";

const [INTEGER, STRING, OID, TICKS, COUNTER64] = [2, 4, 6, 67, 70];
const V1 = 164;
const V2 = 167;
const linkDown = (adminStatus: number): TrapPdu => ({
  type: V2,
  community: "c",
  varbinds: [
    { oid: "1.3.6.1.2.1.1.3.0", type: TICKS, value: 12_345 },
    { oid: "1.3.6.1.6.3.1.1.4.1.0", type: OID, value: "1.3.6.1.6.3.1.1.5.3" },
    { oid: "1.3.6.1.2.1.2.2.1.1.37", type: INTEGER, value: 37 },
    { oid: "1.3.6.1.2.1.31.1.1.1.1.37", type: STRING, value: Buffer.from("GE1/0/1") },
    { oid: "1.3.6.1.2.1.2.2.1.7.37", type: INTEGER, value: adminStatus },
    { oid: "1.3.6.1.6.3.18.1.4.0", type: STRING, value: Buffer.from("a-secret") },
  ],
});

describe("readTrap", () => {
  it("reads version 2c, and leaves the community out", () => {
    const trap = readTrap(linkDown(1))!;
    expect(trap).toMatchObject({ version: "2c", oid: "1.3.6.1.6.3.1.1.5.3", upTimeTicks: 12_345, agentAddress: "", droppedBindings: 0 });
    expect(trap.bindings).toEqual([
      ["1.3.6.1.2.1.2.2.1.1.37", "37"],
      ["1.3.6.1.2.1.31.1.1.1.1.37", "GE1/0/1"],
      ["1.3.6.1.2.1.2.2.1.7.37", "1"],
    ]);
  });

  it.each([
    [{ generic: 2, specific: 0, enterprise: "1.3.6.1.4.1.9" }, "1.3.6.1.6.3.1.1.5.3"],
    [{ generic: 6, specific: 17, enterprise: "1.3.6.1.4.1.2011.2" }, "1.3.6.1.4.1.2011.2.0.17"],
    [{ generic: 0 }, "1.3.6.1.6.3.1.1.5.1"],
    [{ generic: 6, specific: 1 }, undefined],
    [{ generic: -1, enterprise: "1.3" }, "1.3.0.0"],
  ])("gives %j of version 1 the OID of RFC 3584", (fields, want) => {
    expect(readTrap({ type: V1, varbinds: [], upTime: 1, agentAddr: "0.0.0.0", ...fields })?.oid).toBe(want);
  });

  it("knows no trap without its OID, and bounds the bindings", () => {
    expect(readTrap({ type: V2, varbinds: [] })).toBeUndefined();
    const many = Array.from({ length: 100 }, (_, i) => ({ oid: `1.3.${i}`, type: INTEGER, value: i }));
    expect(readTrap({ ...linkDown(1), varbinds: [...linkDown(1).varbinds, ...many] })).toMatchObject({ bindings: { length: 64 }, droppedBindings: 39 });
  });
});

describe("textOfValue", () => {
  it.each([
    [STRING, Buffer.from("端口 1\0"), "端口 1"],
    [STRING, Buffer.from([0xb6, 0xcb, 0xbf, 0xda]), "端口"],
    [STRING, Buffer.from([0x00, 0x1a, 0x2b, 0x3c, 0x4d, 0x5e]), "0x001a2b3c4d5e"],
    [STRING, Buffer.from([0xff, 0xfe]), "0xfffe"],
    [COUNTER64, Buffer.from("ffffffffffffffff", "hex"), "18446744073709551615"],
    [COUNTER64, Buffer.alloc(0), "0"],
    [INTEGER, -5, "-5"],
    [5, null, ""],
  ])("of type %i %o is %j", (type, value, want) => expect(textOfValue(type, value)).toBe(want));

  it("is bounded and made of any bytes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 131 }), fc.uint8Array({ maxLength: 300 }), (type, bytes) => {
        expect(textOfValue(type, bytes).length).toBeLessThanOrEqual(4_098);
      }),
    );
  });
});

describe("trapLog", () => {
  it("is readable, named and graded", () => {
    expect(trapLog(readTrap(linkDown(1))!, "10.0.0.1", 5)).toMatchObject({
      severity: 17,
      body: "linkDown: ifIndex.37=37, ifName.37=GE1/0/1, ifAdminStatus.37=1",
      eventName: "snmp.trap.linkDown",
      attributes: {
        "snmp.trap.name": "linkDown",
        "snmp.agent.uptime_seconds": 123.45,
        "snmp.varbind.1.3.6.1.2.1.2.2.1.1.37": "37",
        "network.peer.address": "10.0.0.1",
      },
    });
  });

  it("is a notice when someone closed the port", () => expect(trapLog(readTrap(linkDown(2))!, "p", 5).severity).toBe(10));

  it.each(["", ".", "1.3.6.1.2.1.2.2.1.10", "1".repeat(10_000), "1.".repeat(50_000)])("leaves the OID of what it does not know", (oid) => {
    expect(readableOid(oid)).toBe(oid);
  });
});

describe("parseTrapSettings", () => {
  const tokens = [{ id: "suzhou", sha256: "" }];
  const parse = (text: string) => parseTrapSettings(text, tokens, "Asia/Shanghai");

  it("reads who may send", () => {
    const settings = parse(`senders: [{ from: 10.0.0.0/8, token: suzhou, kind: device }]
communities: [c1]
users: [{ name: u, auth: sha256, authPassword: eight-or-more, priv: aes, privPassword: eight-or-more }]`);
    expect([settings.senders.find("10.0.0.1")?.kind, settings.communities, settings.users[0]?.name]).toEqual(["device", ["c1"], "u"]);
  });

  it.each([
    ["users: [{ name: u, auth: sha256, authPassword: short }]", /authPassword/],
    ["users: [{ name: u, authPassword: long-enough }]", /auth/],
    ["users: [{ name: u, auth: none, authPassword: long-enough }]", /auth/],
    ["users: [{ name: u, auth: sha, authPassword: long-enough, priv: aes }]", /go together/],
    ["users: [{ name: u, auth: sha, authPassword: long-enough }, { name: u, auth: md5, authPassword: long-enough }]", /twice/],
    ["senders: [{ from: x, token: suzhou }]", /line 1/],
    ["community: [public]", /unknown key/],
  ])("refuses %j", (text, want) => expect(() => parse(text)).toThrow(want));
});

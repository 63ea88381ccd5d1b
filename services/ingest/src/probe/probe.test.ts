import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readingsOf } from "./link-prober.ts";
import { figuresOf } from "./probe-round.ts";
import { NO_PROBES, parseProbeSettings } from "./probe-settings.ts";
import { PACKET_BYTES, readReflection, reflectionOf, stampOf, testPacket } from "./twamp-packet.ts";

const NOW = Date.parse("2026-11-26T06:00:00.250Z");

describe("TWAMP packets", () => {
  it("are laid out as the RFCs have it", () => {
    const packet = testPacket(7, NOW);
    expect(packet.length).toBe(41);
    expect([packet.readUInt32BE(0), packet.readUInt32BE(4), packet.readUInt32BE(8)]).toEqual([7, Math.floor(NOW / 1000) + 2_208_988_800, 0x4000_0000]);
    const answer = reflectionOf(packet, NOW + 10, NOW + 12)!;
    expect(answer.subarray(24, 38)).toEqual(packet.subarray(0, 14));
    expect([answer.readUInt32BE(0), answer[40], answer.readUInt16BE(14), answer.readUInt16BE(38)]).toEqual([7, 255, 0, 0]);
    expect(readReflection(answer)).toMatchObject({ sequence: 7, stamp: stampOf(packet) });
    expect(readReflection(answer)!.heldMs).toBeCloseTo(2, 5);
  });

  it("tell the time held across the turn of NTP's era, and backwards", () => {
    const turn = (4_294_967_296 - 2_208_988_800) * 1000;
    expect(readReflection(reflectionOf(testPacket(0, turn), turn - 3, turn + 4)!)!.heldMs).toBeCloseTo(7, 5);
    expect(readReflection(reflectionOf(testPacket(0, turn), turn + 4, turn - 3)!)!.heldMs).toBeCloseTo(-7, 5);
  });

  it("are never answered with more than came, whatever came", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        const answer = reflectionOf(bytes, NOW, NOW);
        expect(answer === undefined).toBe(bytes.length < PACKET_BYTES || bytes.length > 1_500);
        if (answer !== undefined) expect(answer.length).toBe(bytes.length);
        expect(readReflection(bytes) === undefined).toBe(bytes.length < PACKET_BYTES);
      }),
    );
  });
});

describe("figuresOf", () => {
  it.each([
    [[10, 20, 40], { lossRatio: 0, minS: 0.01, meanS: 0.07 / 3, maxS: 0.04, jitterS: 0.015 }],
    [[10, Number.NaN, 40, 41], { lossRatio: 0.25, minS: 0.01, meanS: 0.091 / 3, maxS: 0.041, jitterS: 0.001 }],
    [[10, Number.NaN, 12], { lossRatio: 1 / 3, minS: 0.01, meanS: 0.011, maxS: 0.012, jitterS: Number.NaN }],
    [[Number.NaN], { lossRatio: 1, minS: Number.NaN, meanS: Number.NaN, maxS: Number.NaN, jitterS: Number.NaN }],
    [[], { lossRatio: Number.NaN, minS: Number.NaN, meanS: Number.NaN, maxS: Number.NaN, jitterS: Number.NaN }],
  ])("of %j", (rttMs, want) => {
    const figures = figuresOf({ sent: rttMs.length, rttMs });
    for (const [name, value] of Object.entries(want)) {
      const found = figures[name as keyof typeof figures];
      if (Number.isNaN(value)) expect(found).toBeNaN();
      else expect(found).toBeCloseTo(value, 9);
    }
  });

  it("keep their order and their ranges", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.double({ min: 0, max: 5_000, noNaN: true }), fc.constant(Number.NaN)), { minLength: 1 }), (rttMs) => {
        const { lossRatio, minS, meanS, maxS, jitterS } = figuresOf({ sent: rttMs.length, rttMs });
        expect(lossRatio).toBeCloseTo(rttMs.filter(Number.isNaN).length / rttMs.length, 9);
        if (lossRatio < 1) expect(minS <= meanS + 1e-9 && meanS <= maxS + 1e-9).toBe(true);
        if (!Number.isNaN(jitterS)) expect(jitterS).toBeLessThanOrEqual(maxS - minS + 1e-9);
      }),
    );
  });

  it("become gauges by the names of the product, without those that were not measured", () => {
    expect(readingsOf({ sent: 2, rttMs: [Number.NaN, Number.NaN] })).toEqual([
      { name: "yunwei.link.loss", unit: "1", value: 1 },
      { name: "yunwei.link.up", unit: "1", value: 0 },
    ]);
    expect(readingsOf({ sent: 2, rttMs: [1, 2] }).map(({ name }) => name)).toEqual([
      "yunwei.link.rtt",
      "yunwei.link.rtt.min",
      "yunwei.link.rtt.max",
      "yunwei.link.jitter",
      "yunwei.link.loss",
      "yunwei.link.up",
    ]);
  });
});

describe("parseProbeSettings", () => {
  const tokens = [{ id: "local", sha256: "" }];
  const parse = (text: string) => parseProbeSettings(text, tokens);

  it("decides what is left open", () => {
    const { probes, reflectFor } = parse(`reflector: { allow: [10.20.0.0/16] }
probes: [{ link: core--suzhou, from: core, to: suzhou, kind: twamp, host: 10.20.0.1, port: 862 }]`);
    expect(probes).toMatchObject([
      { link: "core--suzhou", fromSite: "core", toSite: "suzhou", intervalMs: 10_000, count: 10, spacingMs: 100, timeoutMs: 900, token: tokens[0] },
    ]);
    expect([reflectFor.check("10.20.3.4"), reflectFor.check("10.21.0.1"), reflectFor.check("127.0.0.1")]).toEqual([true, false, true]);
    expect(NO_PROBES.reflectFor.check("10.20.3.4")).toBe(false);
  });

  it("fits a round of many packets into half of its interval", () => {
    expect(parse("probes: [{ link: l, from: a, to: b, kind: tcp, host: h, port: 1, intervalSeconds: 2, count: 1000 }]").probes[0]!.spacingMs).toBe(1);
  });

  const base = "link: l, from: a, to: b, kind: tcp, host: h, port: 1";
  it.each([
    [`probes: [{ ${base}, token: other }]`, /line 1: there is no ingest token other/],
    [`probes: [{ ${base} }, { ${base} }]`, /already/],
    ["probes: [{ link: l, from: a, to: a, kind: tcp, host: h, port: 1 }]", /same site/],
    [`probes: [{ ${base}, intervalSeconds: 1, timeoutSeconds: 0.9 }]`, /over half/],
    ["probes: [{ link: l, from: a, to: b, kind: icmp, host: h, port: 1 }]", /kind/],
    ["probes: [{ link: l, from: a, to: b, kind: tcp, host: h, port: 0 }]", /port/],
    ["reflector: { allow: [everyone] }", /everyone/],
  ])("refuses %j", (text, want) => expect(() => parse(text)).toThrow(want));
});

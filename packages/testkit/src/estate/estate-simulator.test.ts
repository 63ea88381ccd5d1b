import { createHash } from "node:crypto";
import { ChangeMessage, familyOfMetric } from "@yunwei/schemas";
import { Value } from "typebox/value";
import { describe, expect, it } from "vitest";
import { buildEstate } from "./build-estate.ts";
import { decodeLogs, decodePoints, decodeSpans } from "./decoded-telemetry.ts";
import { EstateSimulator } from "./estate-simulator.ts";
import type { FaultKind } from "./faults/fault.ts";

const STEPS = 6;
const estate = buildEstate({ seed: 1 });

function digest(seed: number, kind: FaultKind): string {
  const simulator = new EstateSimulator(buildEstate({ seed }));
  const hash = createHash("sha256");
  for (let step = 0; step < 12; step++) {
    if (step === 4) simulator.inject(kind);
    for (const { signal, site, body } of simulator.step()) hash.update(`${signal} ${site} `).update(body);
  }
  return hash.digest("hex");
}

it("gives the same bytes for the same seed and fault, and others for others", () => {
  expect(digest(1, "db-lock")).toBe(digest(1, "db-lock"));
  expect(new Set([digest(1, "db-lock"), digest(1, "none"), digest(2, "db-lock")]).size).toBe(3);
});

describe("healthy telemetry", () => {
  const simulator = new EstateSimulator(estate);
  const requests = Array.from({ length: STEPS }, () => simulator.step());
  const points = requests.map(decodePoints);
  const spans = decodeSpans(requests.flat());
  const logs = decodeLogs(requests.flat());

  it("comes in requests of at most 512 KiB, one site each", () => {
    expect(Math.max(...requests.flat().map((request) => request.body.length))).toBeLessThanOrEqual(512 * 1024);
    expect(new Set(requests.flat().map((request) => request.site)).size).toBe(16);
  });

  it("has about 1,500 series with known names and plausible figures", () => {
    expect(points[0]!.length).toBeGreaterThan(1400);
    expect(points[0]!.length).toBeLessThan(1900);
    for (const { metric, value, unit, entity } of points.flat()) {
      expect(entity).toMatch(/^(host|vm|instance|database|link|rack):/);
      expect(Number.isFinite(value) && value >= 0).toBe(true);
      expect(familyOfMetric(metric).family).not.toBe("other");
      if (unit === "1") expect(value).toBeLessThanOrEqual(1);
    }
  });

  it("has one point per series and step, in order", () => {
    const times = new Map<string, number[]>();
    for (const { entity, metric, labels, timeMs } of points.flat()) {
      const key = `${entity} ${metric} ${labels}`;
      times.set(key, [...(times.get(key) ?? []), timeMs]);
    }
    for (const series of times.values()) {
      series.slice(1).forEach((time, i) => {
        expect((time - series[i]!) % 15_000).toBeCloseTo(0, 1); // a lost request leaves a gap
      });
    }
  });

  it("has whole traces: every parent is there, children inside by duration, every server span from its caller", () => {
    const byId = new Map(spans.map((span) => [span.id, span]));
    expect(byId.size).toBe(spans.length);
    let orphans = 0;
    for (const span of spans.filter((candidate) => candidate.parent !== "")) {
      const parent = byId.get(span.parent);
      if (parent === undefined) orphans++;
      else {
        expect(parent.trace).toBe(span.trace);
        expect(parent.durationMs).toBeGreaterThanOrEqual(span.durationMs - 0.001);
        if (span.kind === 2) expect([parent.kind, parent.peer]).toEqual([3, span.service]);
      }
    }
    expect(orphans).toBeLessThan(0.1 * spans.length); // those of lost requests
    const roots = spans.filter((span) => span.parent === "").length / STEPS;
    expect(roots).toBeGreaterThan(13 * 20);
    expect(spans.length / STEPS / roots).toBeGreaterThan(5);
  });

  it("shows databases only as peers of client spans", () => {
    expect(spans.some((span) => span.peer === "social-db" && span.kind === 3)).toBe(true);
    expect(spans.some((span) => span.service.endsWith("-db"))).toBe(false);
  });

  it("carries the clock skew of the site in spans and metrics, not in durations", () => {
    const skewed = [...estate.sites].sort((a, b) => Math.abs(b.clockSkewMs) - Math.abs(a.clockSkewMs))[0]!;
    const last = simulator.nowMs + skewed.clockSkewMs;
    const starts = spans.filter((span) => span.site === skewed.id).map((span) => span.startMs);
    expect(Math.abs(skewed.clockSkewMs)).toBeGreaterThan(100);
    expect(Math.max(...starts)).toBeGreaterThan(last - 2000);
    expect(Math.max(...starts)).toBeLessThan(last + 500);
  });

  it("logs mostly at INFO, with few errors", () => {
    expect(logs.length).toBeGreaterThan(500);
    expect(logs.filter((log) => log.severity >= 17).length).toBeLessThan(0.02 * logs.length);
  });
});

describe("changes", () => {
  it.each([1, 2, 3])("are well formed, mostly innocent, and the newest before a bad release is innocent (seed %i)", (seed) => {
    const simulator = new EstateSimulator(buildEstate({ seed }));
    for (let step = 0; step < 4; step++) simulator.step();
    const truth = simulator.inject("bad-deploy");
    for (let step = 0; step < 4; step++) simulator.step();
    const changes = simulator.changes();
    expect(changes.every((change) => Value.Check(ChangeMessage, change))).toBe(true);
    expect(new Set(changes.map((change) => change.changeId)).size).toBe(changes.length);
    const guilty = changes.filter((change) => change.entities.some((entity) => entity === truth.entity));
    expect(guilty).toHaveLength(1);
    const before = changes.filter((change) => BigInt(change.startedUnixNano) < BigInt(truth.onsetMs) * 1_000_000n);
    expect(before.at(-1)).not.toBe(guilty[0]);
    expect(changes.length).toBeGreaterThanOrEqual(6);
  });

  it("tell nothing that has not happened yet", () => {
    const simulator = new EstateSimulator(estate);
    simulator.inject("none");
    const now = simulator.changes().length;
    for (let step = 0; step < 4; step++) simulator.step();
    expect(simulator.changes().length).toBe(now + 1);
  });
});

import { seededNormal, seededRandom } from "@yunwei/series";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Detector } from "./detector.ts";
import type { Finding } from "./finding.ts";
import { R } from "./record-layout.ts";
import { identify, type SeriesSeed } from "./series-identity.ts";
import { TUNING } from "./tuning.ts";

const START = 1_700_000_000_000;
const STEP = 15_000;

function series(id: number, over: Partial<SeriesSeed> = {}) {
  const seriesId = id.toString(16).padStart(16, "0");
  const seed: SeriesSeed = {
    seriesId,
    metric: "some.gauge",
    unit: "1",
    reading: "gauge",
    entity: `host:h${id}`,
    service: "",
    site: "suzhou",
    tier: "backbone",
    department: "d",
    source: "s",
    labels: {},
    ...over,
  };
  return identify(seed);
}

/** Feeds values at 15 s and gives what was found. */
function run(values: readonly number[], over: Partial<SeriesSeed> = {}, detector = new Detector(), from = START): Finding[] {
  const slot = detector.register(series(1, over));
  values.forEach((value, i) => {
    detector.observe(slot, from + i * STEP, value);
  });
  return detector.drain();
}

const normal = (seed: number) => seededNormal(seededRandom(seed));
const noisy = (count: number, mean: number, sigma: number, seed = 7): number[] => {
  const next = normal(seed);
  return Array.from({ length: count }, () => mean + sigma * next());
};
const states = (findings: readonly Finding[]) => findings.map(({ state }) => state);

describe("life cycle", () => {
  const cpu = { metric: "system.cpu.utilization", entity: "host:a" } as const;

  it("opens a step at once, tells updates sparingly, and closes when it is over", () => {
    const findings = run([...noisy(120, 0.3, 0.01), ...noisy(40, 0.9, 0.01, 8), ...noisy(30, 0.3, 0.01, 9)], cpu);
    expect(findings[0]).toMatchObject({ state: "open", detector: "deviation", direction: "up", harmful: true, mature: true });
    expect(findings[0]!.timeMs).toBe(START + 120 * STEP);
    expect(findings[0]!.onsetMs).toBe(START + 120 * STEP);
    expect(findings[0]!.expected).toBeCloseTo(0.3, 1);
    expect(states(findings).filter((state) => state === "open")).toHaveLength(1);
    expect(states(findings).at(-1)).toBe("close");
    const closedAfter = (findings.at(-1)!.timeMs - START) / STEP - 160;
    expect(closedAfter).toBeGreaterThanOrEqual(10); // a quarter of 40 points
    expect(closedAfter).toBeLessThanOrEqual(16);
    expect(findings.length).toBeLessThan(2 + 10 + 50 / 4 + 1);
  });

  it("keeps the expectation frozen while open", () => {
    const findings = run([...noisy(120, 0.3, 0.01), ...noisy(600, 0.9, 0.01, 8)], cpu);
    expect(findings.at(-1)!.state).toBe("update");
    expect(findings.at(-1)!.expected).toBeCloseTo(findings[0]!.expected, 1);
  });

  it("accepts a lasting shift after many hours", () => {
    const findings = run([...noisy(240, 0.3, 0.01), ...noisy(5760, 0.6, 0.01, 8)], cpu);
    expect(states(findings).filter((state) => state === "open")).toHaveLength(1);
    expect(states(findings)).toContain("close");
    expect(findings.find(({ state }) => state === "close")!.timeMs - START).toBeGreaterThan(6 * 3_600_000);
  });

  it("marks an anomaly of a young series as not mature, and says nothing before it can judge", () => {
    expect(run([...noisy(8, 0.3, 0.01), 0.9, 0.9], cpu)).toEqual([]);
    expect(run([...noisy(20, 0.3, 0.01), 0.9, 0.9], cpu)[0]).toMatchObject({ state: "open", mature: false });
  });

  it("learns the scale of a young series around 0 before it judges", () => {
    for (let seed = 0; seed < 20; seed++) expect(run(noisy(150, 0, 1, seed))).toEqual([]);
  });

  it("records the harmless direction as harmless", () => {
    expect(run([...noisy(120, 0.8, 0.01), 0.1, 0.1, 0.1], cpu)[0]).toMatchObject({ direction: "down", harmful: false });
    const idle = { ...cpu, labels: { "cpu.mode": "idle" } };
    expect(run([...noisy(120, 0.8, 0.01), 0.1, 0.1, 0.1], idle)[0]).toMatchObject({ direction: "down", harmful: true });
  });

  it.each([
    { case: "below the absolute floor", values: 0.34 },
    { case: "below the relative floor", values: 0.355 },
  ])("never calls a deviation $case an anomaly, however regular the series", ({ values }) => {
    expect(run([...noisy(240, 0.3, 0.0001), ...noisy(100, values, 0.0001, 3)], cpu)).toEqual([]);
  });
});

describe("witnesses", () => {
  it.each([
    { case: "spike", fault: [9] },
    { case: "step", fault: [4, 4, 4] },
    { case: "ramp", fault: [2.5, 3.5, 4.5] },
    { case: "dropout to zero", fault: [0, 0, 0] },
  ])("finds a $case within three points", ({ fault }) => {
    const findings = run([...noisy(200, 2, 0.1), ...fault]);
    expect(findings[0]?.state).toBe("open");
  });

  it("finds a slow leak as drift, with its onset before its opening", () => {
    const leak = noisy(160, 0.4, 0.004, 5).map((value, i) => value + i * 0.001);
    const findings = run([...noisy(400, 0.4, 0.004), ...leak], { metric: "system.memory.utilization" });
    expect(findings[0]).toMatchObject({ state: "open", detector: "drift", direction: "up", harmful: true });
    expect(findings[0]!.onsetMs).toBeLessThan(findings[0]!.timeMs);
    expect(findings[0]!.onsetMs).toBeGreaterThan(START + 390 * STEP);
  });

  it("lets a season through that it has learned", () => {
    const day = (i: number) => 5 + 3 * Math.sin((i / 5760) * 2 * Math.PI);
    const values = noisy(5760 * 3, 0, 0.05).map((value, i) => value + day(i));
    expect(run(values)).toEqual([]);
    const detector = new Detector();
    run(values, {}, detector);
    const noon = detector.bandOf(series(1).seriesId, START + 5760 * 3 * STEP + 21_600_000)!;
    expect(noon.expected).toBeCloseTo(8, 0);
  });

  it.each([
    { metric: "system.filesystem.utilization", before: 0.5, after: 0.97, direction: "up" },
    { metric: "yunwei.link.up", before: 1, after: 0, direction: "down" },
    { metric: "app.up", before: 1, after: 0, direction: "down" },
    { metric: "yunwei.rack.power", before: 4000, after: 0, direction: "down" },
    { metric: "yunwei.tls.certificate.remaining", before: 4 * 86_400, after: 2 * 86_400, direction: "down" },
    { metric: "yunwei.link.loss", before: 0, after: 0.2, direction: "up" },
  ])("knows the limit of $metric without history", ({ metric, before, after, direction }) => {
    const findings = run([before, after, after, before, before, before], { metric });
    expect(findings[0]).toMatchObject({ state: "open", detector: "limit", direction, harmful: true, mature: true, timeMs: START + STEP });
    expect(findings.at(-1)).toMatchObject({ state: "close", detector: "limit" });
    expect(states(run([after], { metric }))).toEqual(["open"]);
  });

  it("does not call a read-only image full", () => {
    expect(run([1, 1, 1], { metric: "system.filesystem.utilization", labels: { "system.filesystem.type": "squashfs" } })).toEqual([]);
  });

  it("sees a restart in the uptime, and nothing in its growth", () => {
    const growing = Array.from({ length: 100 }, (_, i) => 1000 + 15 * i);
    expect(run(growing, { metric: "process.uptime" })).toEqual([]);
    const findings = run([...growing, 5, 20, 35, 50, 65, 80, 95], { metric: "process.uptime" });
    expect(findings[0]).toMatchObject({ state: "open", detector: "deviation", direction: "down", onsetMs: START + 100 * STEP - 5000 });
    expect(states(findings).at(-1)).toBe("close");
  });

  it("wants company for a lone event of a series that is mostly zero", () => {
    const quiet = Array.from({ length: 300 }, () => 0);
    expect(run([...quiet, 5, 0, 0, 0], { metric: "my.failures" })).toEqual([]);
    expect(run([...quiet, 5, 6, 5], { metric: "my.failures" })[0]).toMatchObject({ state: "open", direction: "up" });
  });
});

describe("time", () => {
  it("drops late and repeated points", () => {
    const detector = new Detector();
    const slot = detector.register(series(1));
    noisy(100, 2, 0.1).forEach((value, i) => void detector.observe(slot, START + i * STEP, value));
    const before = detector.table.chunkOf(slot).f64.slice();
    detector.observe(slot, START + 99 * STEP, 900);
    detector.observe(slot, START, 900);
    detector.observe(slot, Number.NaN, 900);
    expect(detector.table.chunkOf(slot).f64).toEqual(before);
    expect(detector.latePoints).toBe(3);
  });

  it("takes NaN for a gap, not for 0, and judges nothing right after a long one", () => {
    const values = noisy(200, 2, 0.1);
    const holes = values.map((value, i) => (i % 7 === 0 ? Number.NaN : value));
    expect(run(holes)).toEqual([]);
    const detector = new Detector();
    run(values, {}, detector);
    expect(run([4, 4, 4], {}, detector, START + 400 * STEP)).toEqual([]);
  });
});

describe("laws", () => {
  const anyValue = fc.oneof(
    fc.double({ min: -10, max: 10, noNaN: true }),
    fc.double(),
    fc.constantFrom(0, 1e-300, 1e37, -1e37, 1e308, Number.NaN, Number.POSITIVE_INFINITY),
  );
  const anyPoints = fc.array(fc.tuple(fc.integer({ min: 0, max: 200_000 }), anyValue), { minLength: 1, maxLength: 150 });

  it("tells finite numbers only, and the scale is never 0, whatever comes", () => {
    fc.assert(
      fc.property(anyPoints, fc.constantFrom("some.gauge", "system.cpu.utilization", "my.errors", "process.uptime", "yunwei.link.up"), (points, metric) => {
        const detector = new Detector();
        const slot = detector.register(series(1, { metric }));
        let timeMs = START;
        for (const [gap, value] of points) {
          timeMs += gap;
          detector.observe(slot, timeMs, value);
          const band = detector.bandOf(series(1).seriesId, timeMs);
          if (band !== undefined) expect(band.upper).toBeGreaterThanOrEqual(band.lower);
        }
        for (const finding of detector.drain()) {
          const { value, expected, lower, upper, score, peakScore, onsetMs } = finding;
          for (const number of [value, expected, lower, upper, score, peakScore, onsetMs]) expect(Number.isFinite(number)).toBe(true);
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(TUNING.maxScore);
          expect(onsetMs).toBeLessThanOrEqual(finding.timeMs);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("does not depend on the order of unrelated series", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.double({ min: -5, max: 5, noNaN: true })), { maxLength: 400 }), (points) => {
        const together = new Detector();
        const counts = new Map<number, number>();
        const all: Finding[] = [];
        for (const [id, value] of points) {
          const n = counts.get(id) ?? 0;
          counts.set(id, n + 1);
          together.observe(together.register(series(id)), START + n * STEP, value);
        }
        all.push(...together.drain());
        for (const id of counts.keys()) {
          const alone = new Detector();
          points.filter(([other]) => other === id).forEach(([, value], n) => void alone.observe(alone.register(series(id)), START + n * STEP, value));
          expect(all.filter(({ series: { seriesId } }) => seriesId === series(id).seriesId)).toEqual(alone.drain());
        }
      }),
      { numRuns: 60 },
    );
  });

  it("never alarms on a constant series with tiny noise", () => {
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.integer(), (level, seed) => {
        const values = noisy(300, 0, Math.abs(level) * 1e-9 + 1e-12, seed).map((noise) => level + noise);
        expect(run(values)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it("refuses series beyond its limit, and counts them", () => {
    const detector = new Detector({ maxSeries: 2 });
    expect([1, 2, 3].map((id) => detector.register(series(id)))).toEqual([0, 1, -1]);
    expect(detector.refusedSeries).toBe(1);
    detector.expire(0, START);
    expect(detector.register(series(3))).toBe(0);
    const record = detector.table.chunkOf(0).f64;
    expect(record[R.points]).toBe(0);
  });
});

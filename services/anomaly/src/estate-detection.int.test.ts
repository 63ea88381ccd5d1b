import { LogDecoder, MetricDecoder, SpanDecoder } from "@yunwei/otlp";
import { buildEstate, EstateSimulator, FAULT_KINDS, type FaultKind, type GroundTruth } from "@yunwei/testkit";
import { describe, expect, it } from "vitest";
import type { Finding } from "./domain/finding.ts";
import { LogAggregator } from "./domain/log-aggregator.ts";
import { MetricIntake } from "./domain/metric-intake.ts";
import { SpanAggregator } from "./domain/span-aggregator.ts";
import { Detection } from "./pipeline/detection.ts";

const WARM_STEPS = 120;
/** Ten minutes of simulated time. */
const FAULT_STEPS = 40;
/** Process time of a step: sixty times as fast as life. */
const STEP_NOW_MS = 250;
/** A truth must be seen within five minutes. */
const FOUND_WITHIN_MS = 300_000;

/** Plays the estate through the decoders and the detector, each site with a token of its own. */
function play(seed: number, kind: FaultKind): { before: Finding[]; after: Finding[]; truth: GroundTruth } {
  const simulator = new EstateSimulator(buildEstate({ seed }));
  const detection = new Detection({});
  const [metrics, spans, logs] = [new MetricDecoder(), new SpanDecoder(), new LogDecoder()];
  const intake = new MetricIntake(detection.detector, detection.presence);
  const spanSums = new SpanAggregator(detection.feed, detection.databases, detection.clocks);
  const logSums = new LogAggregator(detection.feed, detection.clocks);
  let nowMs = Date.UTC(2030, 0, 1);
  const run = (steps: number): Finding[] => {
    const found: Finding[] = [];
    for (let step = 0; step < steps; step++) {
      nowMs += STEP_NOW_MS;
      for (const { signal, site, body } of simulator.step()) {
        const identity = { source: site, site, tier: "", department: "", receivedMs: Number.NaN };
        if (signal === "metrics") {
          metrics.decode(body, identity);
          intake.take(metrics, detection.clocks.of(site), 0, nowMs);
        } else if (signal === "traces") {
          spans.decode(body, identity);
          spanSums.take(spans.spans, spans.resources, spans.strings, 0, nowMs);
        } else {
          logs.decode(body, identity);
          logSums.take(logs.logs, logs.resources, 0, nowMs);
        }
      }
      spanSums.close(nowMs);
      logSums.close(nowMs);
      found.push(...detection.detector.drain(), ...detection.sweep(nowMs));
    }
    return found;
  };
  const before = run(WARM_STEPS);
  const truth = simulator.inject(kind);
  return { before, truth, after: run(FAULT_STEPS) };
}

describe("detection on the simulated estate", () => {
  const kinds = FAULT_KINDS.filter((kind) => kind !== "none" && kind !== "surge");

  it.each(kinds)("sees the victim of %s within five minutes, and cries at nothing before", (kind) => {
    const { before, after, truth } = play(11, kind);
    const opens = (findings: Finding[]) => findings.filter(({ state }) => state === "open").map(({ series }) => `${series.metric} ${series.entity}`);
    expect(opens(before)).toEqual([]);
    const victims = new Set<string>([truth.entity ?? "", ...truth.alternatives]);
    const seen = after.find(({ state, harmful, series }) => state === "open" && harmful && victims.has(series.entity));
    expect(seen, `of ${[...victims].join(", ")} among ${opens(after).slice(0, 20).join("; ")}`).toBeDefined();
    expect(seen!.timeMs - truth.onsetMs).toBeLessThanOrEqual(FOUND_WITHIN_MS);
    expect(seen!.onsetMs).toBeGreaterThanOrEqual(truth.onsetMs - 60_000);
  });

  it("cries at nothing on an ordinary morning", () => {
    const { before, after } = play(12, "none");
    expect([...before, ...after]).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { complaintsOf } from "./chaos-report.ts";
import { openClusterStage } from "./cluster-stage.ts";
import { type ChaosEvent, planEvents } from "./plan-events.ts";
import { type ChaosResult, runChaos } from "./run-chaos.ts";
import type { Stage } from "./stage.ts";
import { openStandaloneStage } from "./standalone-stage.ts";

/** Another schedule on another day, so that weeks of CI see many; printed, so that a failure can be played again. */
const SEED = Math.floor(Date.now() / 86_400_000);

const cluster = await openClusterStage(60);
const skipped = "skipped" in cluster ? cluster.skipped : undefined;

async function play(stage: Stage, seconds: number, events: readonly ChaosEvent[]): Promise<ChaosResult> {
  const lines: string[] = [];
  const result = await runChaos(stage, { seconds, events, itemsPerSecond: 400, stop: new AbortController().signal, tell: (line) => lines.push(line) });
  expect({ complaints: complaintsOf(result), ...(complaintsOf(result).length > 0 ? { lines } : {}) }).toEqual({ complaints: [] });
  for (const counts of Object.values(result.counts)) expect(counts.acknowledged).toBeGreaterThan(500);
  return result;
}

describe.skipIf(skipped !== undefined)(`two gateways and two writers on Kafka and ClickHouse${skipped === undefined ? "" : ` (${skipped})`}`, () => {
  it(`share the work: each of them killed in turn under load, nothing is lost or doubled; then everything else is broken too (seed ${SEED})`, async () => {
    if ("skipped" in cluster) throw new Error("unreachable");
    try {
      const killed: ChaosEvent[] = [
        { atMs: 2_000, act: "kill", target: "gateway-1", forMs: 2_000 },
        { atMs: 3_000, act: "kill", target: "writer-1", forMs: 4_000 },
        { atMs: 8_000, act: "kill", target: "gateway-2", forMs: 1_500 },
        { atMs: 9_000, act: "kill", target: "writer-2", forMs: 4_000 },
      ];
      const all = planEvents(30, SEED, cluster.possibilities).map((event) => ({ ...event, atMs: event.atMs + 14_000 }));
      const { events } = await play(cluster, 44, [...killed, ...all]);
      expect(events.length).toBe(killed.length + all.length);
    } finally {
      await cluster.close(false);
    }
  });
});

describe("the standalone on the embedded engines", () => {
  it(`loses and doubles nothing under chaos (seed ${SEED})`, async () => {
    const stage = await openStandaloneStage(60);
    try {
      await play(stage, 18, planEvents(18, SEED, stage.possibilities));
    } finally {
      await stage.close(false);
    }
  });
});

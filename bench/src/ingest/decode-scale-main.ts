import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { MetricDecoder, type StreamIdentity } from "@yunwei/otlp";
import { seededRandom } from "@yunwei/series";
import { serveParent } from "../child/serve-parent.ts";
import { median } from "../median.ts";
import { MetricFleet } from "../payloads/metric-fleet.ts";
import type { Payload } from "../payloads/payload.ts";

/* How decoding a point depends on how many series there are, in a process of its own: a million of them take memory. */

export interface DecodeScaleJob {
  /** Series, at least. */
  readonly few: number;
  readonly many: number;
  readonly turns: number;
}

export interface DecodeScale {
  /** CPU nanoseconds a point, the catalogue known, the middle turn. */
  readonly fewNs: number;
  readonly manyNs: number;
  /** Of the many to the few in the same turn, the middle one: what else runs on the machine moves both. */
  readonly ratio: number;
  /** Growth of the heap while the decoder learns the many. */
  readonly heapBytes: number;
  readonly series: number;
}

const SEED = 21;

class Crowd {
  readonly payloads: readonly Payload[];
  readonly points: number;
  readonly decoder = new MetricDecoder();

  constructor(series: number, nowMs: number) {
    this.payloads = [...new MetricFleet(series, seededRandom(SEED), nowMs).round(nowMs - 15_000)];
    this.points = this.payloads.reduce((sum, { items }) => sum + items, 0);
  }

  decode(identity: StreamIdentity): void {
    for (const { body } of this.payloads) this.decoder.decode(body, identity);
  }
}

function measure({ few, many, turns }: DecodeScaleJob): DecodeScale {
  const nowMs = Date.now();
  const identity: StreamIdentity = { source: "bench", site: "local", tier: "", department: "", receivedMs: nowMs };
  const [small, large] = [new Crowd(few, nowMs), new Crowd(many, nowMs)];
  const collect = collector();
  small.decode(identity);
  collect();
  const before = process.memoryUsage();
  large.decode(identity);
  collect();
  const after = process.memoryUsage();
  const repeats = Math.max(1, Math.round(large.points / small.points));
  const cost = (crowd: Crowd, times: number): number => {
    const begun = process.cpuUsage();
    for (let i = 0; i < times; i++) crowd.decode(identity);
    const { user, system } = process.cpuUsage(begun);
    return ((user + system) * 1000) / (times * crowd.points);
  };
  const costs = { few: [] as number[], many: [] as number[], ratio: [] as number[] };
  for (let turn = 0; turn <= turns; turn++) {
    const pair = [cost(small, repeats), cost(large, 1)] as const;
    if (turn === 0) continue; // warms up
    costs.few.push(pair[0]);
    costs.many.push(pair[1]);
    costs.ratio.push(pair[1] / pair[0]);
  }
  const heapBytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  return { fewNs: median(costs.few), manyNs: median(costs.many), ratio: median(costs.ratio), heapBytes, series: large.decoder.series.length };
}

/** Collects all garbage; Node gives it only when asked for at the start, or so. */
function collector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

serveParent({ measure }, () => Promise.resolve());

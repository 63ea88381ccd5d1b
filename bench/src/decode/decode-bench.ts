import { LogDecoder, MetricDecoder, OTLP_REQUESTS, SpanDecoder, type StreamIdentity } from "@yunwei/otlp";
import type { Signal } from "@yunwei/schemas";
import type { Bench, BenchOptions } from "../bench.ts";
import { type BenchRow, informative } from "../bench-row.ts";
import { goalRow } from "../ingest/goals.ts";
import { median } from "../median.ts";
import { otlpPayloads, type Payload } from "../payloads/otlp-payloads.ts";
import { rowName } from "../row-name.ts";

const SEED = 7;
const REPEATS = 5;

/** Our wire walkers against protobufjs making objects of the same bytes, by turns in this process. */
export const decodeBench: Bench = {
  name: "decode",
  title: "OTLP decoding: our walkers against protobufjs objects, per CPU second",
  run: async (options) => (["metrics", "logs", "traces"] as const).flatMap((signal) => decodeRows(signal, options)),
};

function decodeRows(signal: Signal, { short, tell }: BenchOptions): BenchRow[] {
  const payloads = otlpPayloads(signal, short ? 4 : 64, SEED, Date.now());
  const identity: StreamIdentity = { source: "bench", site: "", tier: "", department: "", receivedMs: Date.now() };
  const decoder = signal === "metrics" ? new MetricDecoder() : signal === "traces" ? new SpanDecoder() : new LogDecoder();
  const ways = {
    ours: (body: Uint8Array): void => decoder.decode(body, identity),
    protobufjs: (body: Uint8Array): void => void OTLP_REQUESTS[signal].decode(body),
  };
  const rates: Record<keyof typeof ways, number[]> = { ours: [], protobufjs: [] };
  for (let repeat = 0; repeat <= REPEATS; repeat++) {
    for (const way of ["ours", "protobufjs"] as const) {
      const rate = ratePerCpuSecond(payloads, ways[way], short ? 0.02 : 0.4);
      if (repeat > 0) rates[way].push(rate); // the first round warms up
    }
  }
  const [ours, theirs] = [median(rates.ours), median(rates.protobufjs)];
  tell(`${signal}: ${payloads.length} requests, ${payloads.reduce((sum, { items }) => sum + items, 0)} items`);
  return [
    informative(`${rowName(signal)}.decode_per_cpu_second`, ours, "{item}/s"),
    informative(`${rowName(signal)}.protobufjs_per_cpu_second`, theirs, "{item}/s"),
    goalRow(`${rowName(signal)}.decode_vs_protobufjs`, ours / theirs),
  ];
}

function ratePerCpuSecond(payloads: readonly Payload[], decode: (body: Uint8Array) => void, leastSeconds: number): number {
  const before = process.cpuUsage();
  let items = 0;
  for (;;) {
    for (const payload of payloads) {
      decode(payload.body);
      items += payload.items;
    }
    const { user, system } = process.cpuUsage(before);
    const seconds = (user + system) / 1e6;
    if (seconds >= leastSeconds) return items / seconds;
  }
}

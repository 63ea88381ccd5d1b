import { fileURLToPath } from "node:url";
import type { BenchOptions } from "../bench.ts";
import { type BenchRow, informative } from "../bench-row.ts";
import { BenchChild } from "../child/child-process.ts";
import { decodeBench } from "../decode/decode-bench.ts";
import type { DecodeScale, DecodeScaleJob } from "./decode-scale-main.ts";
import { goalRow } from "./goals.ts";
import type { IngestPart } from "./ingest-part.ts";
import { withOpened } from "./with-opened.ts";

const SCALE_MAIN = fileURLToPath(new URL("./decode-scale-main.ts", import.meta.url));
const HEAP_MB = 8_192;
const NORMAL: DecodeScaleJob = { few: 32_000, many: 1_000_000, turns: 15 };
const SHORT: DecodeScaleJob = { few: 4_000, many: 60_000, turns: 2 };

/** Decoding: against protobufjs, and with many series against few. */
export const decodePart: IngestPart = {
  name: "decode",
  goals: ["metrics.decode_vs_protobufjs", "logs.decode_vs_protobufjs", "spans.decode_vs_protobufjs", "metrics.decode_1m_vs_32k"],
  run: async (options) => [...(await decodeBench.run(options)), ...(await scaleRows(options))],
};

function scaleRows({ short, tell, stop }: BenchOptions): Promise<BenchRow[]> {
  return withOpened(async (opened) => {
    const job = short ? SHORT : NORMAL;
    const child = opened.add(new BenchChild(SCALE_MAIN, [], HEAP_MB));
    const { fewNs, manyNs, ratio, heapBytes, series } = await child.ask<DecodeScale>("measure", job);
    stop?.throwIfAborted();
    tell(`decode: ${fewNs.toFixed(0)} ns a point with ${job.few} series, ${manyNs.toFixed(0)} ns with ${series}`);
    return [
      goalRow("metrics.decode_1m_vs_32k", ratio, short ? `${job.many} against ${job.few} series` : undefined),
      informative("metrics.decode_many_series_heap", heapBytes / 2 ** 20, "MiBy"),
      informative("metrics.decode_heap_per_series", heapBytes / series, "By/{series}"),
    ];
  });
}

import type { Bench, BenchOptions } from "../bench.ts";
import type { BenchRow } from "../bench-row.ts";
import { decodePart } from "./decode-part.ts";
import { goalRow, inTableOrder } from "./goals.ts";
import type { IngestPart } from "./ingest-part.ts";
import { kafkaPart } from "./kafka-part.ts";
import { metricBytesPart } from "./metric-bytes-part.ts";
import { presortedPart } from "./presorted-part.ts";
import { queryPart } from "./query/query-part.ts";
import { signalPart } from "./signal-part.ts";
import { sustainedPart } from "./sustained-part.ts";

const PARTS: readonly IngestPart[] = [
  decodePart,
  presortedPart,
  metricBytesPart,
  signalPart("metrics"),
  signalPart("logs"),
  signalPart("traces"),
  kafkaPart,
  queryPart,
  sustainedPart,
];

/** The figures of issue 6, each a ratio of two things measured by turns in this run, or a count that does not depend on the machine. */
export const ingestBench: Bench = {
  name: "ingest",
  title: `ingest against the common way and against the engine alone; parts: ${PARTS.map(({ name }) => name).join(", ")}`,
  stops: true,
  async run(options) {
    const rows: BenchRow[] = [];
    for (const part of chosen(options)) {
      const begun = performance.now();
      options.tell(`${part.name} ...`);
      rows.push(...(await runPart(part, options)));
      if (options.stop?.aborted === true) break;
      options.tell(`${part.name}: ${((performance.now() - begun) / 1000).toFixed(0)} s`);
    }
    return inTableOrder(rows);
  },
};

function chosen({ parts }: BenchOptions): readonly IngestPart[] {
  for (const name of parts ?? [])
    if (!PARTS.some((part) => part.name === name)) throw new Error(`${name} is not a part of ingest; there are ${PARTS.map((part) => part.name).join(", ")}`);
  return parts === undefined ? PARTS : PARTS.filter(({ name }) => parts.includes(name));
}

/** A part that fails leaves its rows without a value, and the others are still measured. */
async function runPart(part: IngestPart, options: BenchOptions): Promise<BenchRow[]> {
  try {
    return await part.run(options);
  } catch (error) {
    if (options.stop?.aborted !== true) options.tell(`${part.name} FAILED: ${error instanceof Error ? error.message : String(error)}`);
    return part.goals.map((name) => goalRow(name, Number.NaN));
  }
}

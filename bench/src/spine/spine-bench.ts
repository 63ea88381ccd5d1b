import { gzipSync } from "node:zlib";
import type { Signal } from "@yunwei/schemas";
import type { Bench, BenchOptions } from "../bench.ts";
import { atLeast, type BenchRow, informative } from "../bench-row.ts";
import { otlpPayloads, type Payload } from "../payloads/otlp-payloads.ts";
import { openCommonSide } from "./common-side.ts";
import { openProductSide } from "./product-side.ts";
import { measureSide, type SpineSide, type SpineWork } from "./spine-side.ts";

/** Goals of notes/perf.md, conclusion 3; the product does more than that prototype did: it also scores, alerts and keeps books. */
const TARGETS: Readonly<Record<Signal, number>> = { metrics: 30, traces: 12, logs: 14 };
const UNITS: Readonly<Record<Signal, string>> = { metrics: "{point}/s", traces: "{span}/s", logs: "{record}/s" };
const SIGNALS: readonly Signal[] = ["metrics", "logs", "traces"];
const SEED = 11;
const WARM_UP = 16;
/** The common way gets a part of the requests: it would take minutes for all. */
const REQUESTS = { product: 1024, common: 192 } as const;
const SHORT_REQUESTS = { product: 64, common: 64 } as const;

/** Socket to queryable, against the same work done the common way. */
export const spineBench: Bench = {
  name: "spine",
  title: "OTLP from the socket to the table, against Fastify + protobufjs + JSONEachRow on the same engine",
  run: async (options) => {
    const product = await openProductSide();
    try {
      const common = await openCommonSide();
      try {
        const rows: BenchRow[] = [];
        for (const signal of SIGNALS) rows.push(...(await signalRows(signal, product, common, options)));
        return rows;
      } finally {
        await common.close();
      }
    } finally {
      await product.close();
    }
  },
};

async function signalRows(signal: Signal, product: SpineSide, common: SpineSide, { short, tell }: BenchOptions): Promise<BenchRow[]> {
  const requests = short ? SHORT_REQUESTS : REQUESTS;
  const payloads = packed(otlpPayloads(signal, WARM_UP + requests.product, SEED, Date.now()));
  const measured = async (side: SpineSide, count: number): Promise<SpineWork> => {
    await measureSide(side, signal, payloads.slice(0, WARM_UP));
    const work = await measureSide(side, signal, payloads.slice(WARM_UP, WARM_UP + count));
    tell(`${signal}, ${side.name}: ${work.items} in ${work.seconds.toFixed(1)} s, ${work.cpuSeconds.toFixed(1)} CPU s`);
    return work;
  };
  return spineRows(signal, { common: await measured(common, requests.common), product: await measured(product, requests.product) });
}

function packed(payloads: readonly Payload[]): Payload[] {
  return payloads.map(({ body, items }) => ({ body: gzipSync(body), items }));
}

/** Rows of one signal from what both ways cost. */
export function spineRows(signal: Signal, { product, common }: { readonly product: SpineWork; readonly common: SpineWork }): BenchRow[] {
  const unit = UNITS[signal];
  const perCpuSecond = (work: SpineWork): number => work.items / work.cpuSeconds;
  return [
    informative(`${signal}.per_second`, product.items / product.seconds, unit),
    informative(`${signal}.per_cpu_second`, perCpuSecond(product), unit),
    informative(`${signal}.common_per_second`, common.items / common.seconds, unit),
    informative(`${signal}.common_per_cpu_second`, perCpuSecond(common), unit),
    atLeast(`${signal}.cpu_vs_common`, perCpuSecond(product) / perCpuSecond(common), "x", TARGETS[signal]),
  ];
}

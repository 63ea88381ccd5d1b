import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Signal } from "@yunwei/schemas";
import type { BenchOptions } from "../bench.ts";
import { type BenchRow, informative } from "../bench-row.ts";
import { median } from "../median.ts";
import { otlpTraffic, type Payload } from "../payloads/otlp-payloads.ts";
import { packed } from "../payloads/pack.ts";
import { writePayloads } from "../payloads/payload-file.ts";
import { rowName } from "../row-name.ts";
import { openCommonSide } from "../spine/common-side.ts";
import { openProductSide } from "../spine/product-side.ts";
import { checkRows, measureSide, type SpineWork } from "../spine/spine-side.ts";
import { type EngineSide, openEngineSide } from "./engine/engine-side.ts";
import { goalRow } from "./goals.ts";
import type { IngestPart } from "./ingest-part.ts";
import { type SignalAmounts, signalAmounts } from "./signal-amounts.ts";
import { type Opened, withOpened } from "./with-opened.ts";

const SEED = 11;
const ITEM: Readonly<Record<Signal, string>> = { metrics: "{point}", traces: "{span}", logs: "{record}" };

/** What each side did in its turns. */
export interface SideWorks {
  readonly product: readonly SpineWork[];
  readonly common: readonly SpineWork[];
  readonly engine: readonly SpineWork[];
}

/** Socket to queryable, against the same done the common way and against the engine that is given ready batches, by turns. */
export function signalPart(signal: Signal): IngestPart {
  const name = rowName(signal);
  const own = signal === "metrics" ? [] : [`${name}.bytes`];
  return { name, goals: [`${name}.cpu_vs_common`, `${name}.vs_engine`, ...own], run: (options) => withOpened((opened) => run(signal, opened, options)) };
}

async function run(signal: Signal, opened: Opened, options: BenchOptions): Promise<BenchRow[]> {
  const { short, tell, stop } = options;
  const amounts = signalAmounts(signal, short);
  const payloads = await packed(otlpTraffic(signal, amounts.warmUp + amounts.turns * amounts.product, SEED, Date.now()), stop);
  tell(`${signal}: ${payloads.length} requests, ${(total(payloads, "body") / total(payloads, "items")).toFixed(1)} compressed bytes an item`);
  const engine = await openEngine(signal, payloads, amounts, opened);
  const works = await takeTurns(signal, payloads, amounts, engine, opened, options);
  const bytes = signal === "metrics" ? {} : await engine.bytesPerRow(signal === "logs" ? ["logs"] : ["spans", "trace_index"]);
  return [...signalRows(signal, works), ...byteRows(signal, bytes)];
}

async function openEngine(signal: Signal, payloads: readonly Payload[], amounts: SignalAmounts, opened: Opened): Promise<EngineSide> {
  const folder = await mkdtemp(join(tmpdir(), "yunwei-bench-"));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "payloads");
  await writePayloads(file, payloads);
  const turns = Array.from({ length: amounts.turns }, () => amounts.product);
  return opened.add(await openEngineSide({ signal, folder: join(folder, "clickhouse"), file, requests: [amounts.warmUp, ...turns] }));
}

async function takeTurns(
  signal: Signal,
  payloads: readonly Payload[],
  amounts: SignalAmounts,
  engine: EngineSide,
  opened: Opened,
  options: BenchOptions,
): Promise<SideWorks> {
  const { tell, stop } = options;
  const [product, common] = [opened.add(await openProductSide()), opened.add(await openCommonSide())];
  const warm = await measureSide(product, signal, payloads.slice(0, amounts.warmUp), stop);
  await measureSide(common, signal, payloads.slice(0, amounts.commonWarmUp), stop);
  await engine.insertNext(batchLike(warm));
  const works = { product: [] as SpineWork[], common: [] as SpineWork[], engine: [] as SpineWork[] };
  for (let turn = 0; turn < amounts.turns; turn++) {
    const first = amounts.warmUp + turn * amounts.product;
    works.product.push(await measureSide(product, signal, payloads.slice(first, first + amounts.product), stop));
    works.common.push(await measureSide(common, signal, payloads.slice(first, first + amounts.common), stop));
    works.engine.push(await engine.insertNext(batchLike(works.product.at(-1)!)));
    const cost = (work: SpineWork): string => ((work.cpuSeconds / work.items) * 1e6).toFixed(2);
    tell(
      `${signal}, turn ${turn + 1}: CPU us an item: Yunwei ${cost(works.product.at(-1)!)}, the common way ${cost(works.common.at(-1)!)}, the engine alone ${cost(works.engine.at(-1)!)} in batches of ${batchLike(works.product.at(-1)!)}`,
    );
    stop?.throwIfAborted();
  }
  await checkRows(product, signal, total(payloads, "items"));
  await checkRows(common, signal, total(payloads.slice(0, amounts.commonWarmUp), "items") + works.common.reduce((sum, { items }) => sum + items, 0));
  return works;
}

/** Items in a batch of the engine alone: what the product cuts, which at full speed is a second's worth, 0.5 M at most. */
function batchLike({ items, seconds }: SpineWork): number {
  return Math.min(500_000, Math.ceil(items / seconds));
}

function total(payloads: readonly Payload[], of: "body" | "items"): number {
  return payloads.reduce((sum, payload) => sum + (of === "body" ? payload.body.length : payload.items), 0);
}

/** Rows of one signal from what the sides did; ratios are of the same turn, the middle one counts. */
export function signalRows(signal: Signal, { product, common, engine }: SideWorks): BenchRow[] {
  const name = rowName(signal);
  const cost = ({ cpuSeconds, items }: SpineWork): number => cpuSeconds / items;
  const against = (others: readonly SpineWork[]): number => median(product.map((work, turn) => cost(others[turn]!) / cost(work)));
  const perCpuSecond = (works: readonly SpineWork[]): number => median(works.map((work) => 1 / cost(work)));
  return [
    goalRow(`${name}.cpu_vs_common`, against(common)),
    goalRow(`${name}.vs_engine`, against(engine)),
    informative(`${name}.per_second`, median(product.map(({ items, seconds }) => items / seconds)), `${ITEM[signal]}/s`),
    informative(`${name}.per_cpu_second`, perCpuSecond(product), `${ITEM[signal]}/s`),
    informative(`${name}.common_per_cpu_second`, perCpuSecond(common), `${ITEM[signal]}/s`),
    informative(`${name}.engine_per_cpu_second`, perCpuSecond(engine), `${ITEM[signal]}/s`),
  ];
}

function byteRows(signal: Signal, bytes: Readonly<Record<string, { readonly bytes: number; readonly rows: number }>>): BenchRow[] {
  if (signal === "metrics") return [];
  const name = rowName(signal);
  const table = bytes[signal === "logs" ? "logs" : "spans"]!;
  const row = goalRow(`${name}.bytes`, table.bytes / table.rows);
  const index = bytes["trace_index"];
  return index === undefined ? [row] : [row, informative("spans.trace_index_bytes", index.bytes / table.rows, "By/{span}")];
}

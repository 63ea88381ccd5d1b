import { randomInt } from "node:crypto";
import type { Decoding, LogDecoding, MetricDecoding, SpanDecoding } from "@yunwei/otlp";
import { OTLP_LOGS_TOPIC, OTLP_METRICS_TOPIC, OTLP_SPANS_TOPIC, type Signal } from "@yunwei/schemas";
import type { Store } from "@yunwei/store";
import { CallMarks } from "../domain/call-marks.ts";
import type { RetentionBook } from "../retention/retention-book.ts";
import type { CallRepair } from "./call-repair.ts";
import { CallTable } from "./call-table.ts";
import { Catalogue } from "./catalogue.ts";
import { LogTable } from "./log-table.ts";
import { MetricTables, type TableBlock } from "./metric-tables.ts";
import { SpanTable } from "./span-table.ts";
import { TraceIndexTable } from "./trace-index.ts";

/** A message of a batch that could be decoded. */
export interface ReadMessage<D> {
  readonly decoded: D;
  /** When the gateway took it, or else the bus: Unix milliseconds. */
  readonly receivedMs: number;
}

/** How one signal becomes rows. */
export interface SignalTables<D extends Decoding = Decoding> {
  readonly signal: Signal;
  readonly topic: string;
  /** Items of a message: data points, spans, log records. */
  items(decoded: D): number;
  /** Stores what the rows of a batch refer to; before the rows themselves. */
  announce(messages: readonly ReadMessage<D>[]): Promise<void>;
  /**
   * The blocks of these messages, in the order they are to be stored; the same messages give the same blocks. Valid until the
   * next call. `items` is how many items are rows of the block; 0 for one that is derived from them.
   */
  blocks(messages: readonly ReadMessage<D>[]): readonly (TableBlock & { readonly items: number })[];
  /** Blocks that depend on what came before as well; once a batch, when its own rows are stored. @param stem - of the batch's tokens */
  joined?(messages: readonly ReadMessage<D>[], stem?: string): readonly TableBlock[];
  /** Notes what must not be forgotten with this batch; before it is committed. */
  settle?(): Promise<void>;
}

/** Tables whose rows are the items themselves; the others are derived. */
const ITEM_TABLES: ReadonlySet<string> = new Set(["metric_points", "metric_hist", "metric_exphist", "metric_summary", "logs", "spans"]);

function counted(block: TableBlock): TableBlock & { readonly items: number } {
  return { ...block, items: ITEM_TABLES.has(block.table) ? rowsOf(block) : 0 };
}

export function rowsOf({ columns }: TableBlock): number {
  return Object.values(columns)[0]!.rows;
}

export function metricSignal(store: Store, nowMs: () => number): SignalTables<MetricDecoding> {
  const tables = new MetricTables();
  const catalogue = new Catalogue(store, nowMs);
  return {
    signal: "metrics",
    topic: OTLP_METRICS_TOPIC,
    items: ({ numbers, histograms, summaries }) => numbers.count + histograms.count + summaries.count,
    async announce(messages) {
      for (const { decoded } of messages) catalogue.seenPoints(decoded);
      await catalogue.announce();
    },
    blocks: (messages) => tables.blocks(messages.map(({ decoded }) => decoded)).map(counted),
  };
}

/** @param repair - counts the calls anew that cannot be counted at once; without it they stay as first counted. @param amongOthers - see WriterDependencies */
export function spanSignal(store: Store, nowMs: () => number, repair?: CallRepair, amongOthers = false): SignalTables<SpanDecoding> {
  const table = new SpanTable();
  const traces = new TraceIndexTable();
  let batches = 0;
  const calls = new CallTable(repair?.marks ?? new CallMarks(), amongOthers, randomInt(2 ** 32));
  const catalogue = new Catalogue(store, nowMs);
  return {
    signal: "traces",
    topic: OTLP_SPANS_TOPIC,
    items: ({ spans }) => spans.count,
    async announce(messages) {
      for (const { decoded } of messages) catalogue.seenResources(decoded.resources, decoded.spans.resource, decoded.spans.count);
      await catalogue.announce();
    },
    blocks(messages) {
      const requests = messages.map(({ decoded }) => decoded);
      return [table.block(requests), traces.block(requests)].map(counted);
    },
    joined(messages, stem = `none:${batches++}`) {
      const requests = messages.map(({ decoded }) => decoded);
      return [calls.block(requests, { stem, nowMs: nowMs() })];
    },
    settle: async () => repair?.writeMarks(),
  };
}

/** @param retention - which class a record gets; without it all are "std" */
export function logSignal(store: Store, nowMs: () => number, retention?: RetentionBook): SignalTables<LogDecoding> {
  const table = new LogTable(retention);
  const catalogue = new Catalogue(store, nowMs);
  return {
    signal: "logs",
    topic: OTLP_LOGS_TOPIC,
    items: ({ logs }) => logs.count,
    async announce(messages) {
      for (const { decoded } of messages) catalogue.seenResources(decoded.resources, decoded.logs.resource, decoded.logs.count);
      await catalogue.announce();
    },
    blocks: (messages) => [counted(table.block(messages))],
  };
}

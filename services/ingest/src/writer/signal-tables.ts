import { LogDecoder, MetricDecoder, SpanDecoder } from "@yunwei/otlp";
import { OTLP_LOGS_TOPIC, OTLP_METRICS_TOPIC, OTLP_SPANS_TOPIC } from "@yunwei/schemas";
import type { Store } from "@yunwei/store";
import { CallTable } from "./call-table.ts";
import { Catalogue } from "./catalogue.ts";
import { LogTable } from "./log-table.ts";
import { MetricTables } from "./metric-tables.ts";
import type { SignalTables } from "./signal-writer.ts";
import { SpanTable } from "./span-table.ts";

export function metricSignal(store: Store, nowMs: () => number): SignalTables {
  const decoder = new MetricDecoder();
  const tables = new MetricTables();
  const catalogue = new Catalogue(store, nowMs);
  return {
    topic: OTLP_METRICS_TOPIC,
    blocks: tables.blocks,
    push(body, identity) {
      decoder.decode(body, identity);
      tables.push(decoder);
    },
    async announce() {
      await catalogue.announceResources(decoder.resources);
      await catalogue.announceSeries(decoder.series);
    },
  };
}

export function spanSignal(store: Store, nowMs: () => number): SignalTables {
  const decoder = new SpanDecoder();
  const table = new SpanTable();
  const calls = new CallTable();
  const catalogue = new Catalogue(store, nowMs);
  return {
    topic: OTLP_SPANS_TOPIC,
    blocks: [...table.blocks, ...calls.blocks],
    push(body, identity) {
      decoder.decode(body, identity);
      table.push(decoder);
      calls.push(decoder, nowMs());
    },
    async announce() {
      calls.fill(nowMs());
      await catalogue.announceResources(decoder.resources);
    },
  };
}

export function logSignal(store: Store, nowMs: () => number): SignalTables {
  const decoder = new LogDecoder();
  const table = new LogTable();
  const catalogue = new Catalogue(store, nowMs);
  return {
    topic: OTLP_LOGS_TOPIC,
    blocks: table.blocks,
    push(body, identity) {
      decoder.decode(body, identity);
      table.push(decoder, identity.receivedMs >= 0 ? identity.receivedMs : nowMs());
    },
    announce: () => catalogue.announceResources(decoder.resources),
  };
}

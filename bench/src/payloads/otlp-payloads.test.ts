import { LogDecoder, MetricDecoder, SpanDecoder, type StreamIdentity } from "@yunwei/otlp";
import { describe, expect, it } from "vitest";
import { otlpPayloads } from "./otlp-payloads.ts";

const END_MS = Date.UTC(2026, 10, 26);
const identity: StreamIdentity = { source: "test", site: "", tier: "", department: "", receivedMs: END_MS };

describe("otlpPayloads", () => {
  it("are requests in which our decoders find every item and refuse none", () => {
    const [metrics, spans, logs] = [new MetricDecoder(), new SpanDecoder(), new LogDecoder()];
    for (const { body, items } of otlpPayloads("metrics", 3, 1, END_MS)) {
      metrics.decode(body, identity);
      expect([metrics.numbers.count + metrics.histograms.count, metrics.rejected]).toEqual([items, 0]);
    }
    for (const { body, items } of otlpPayloads("traces", 3, 1, END_MS)) {
      spans.decode(body, identity);
      expect([spans.spans.count, spans.rejected]).toEqual([items, 0]);
    }
    for (const { body, items } of otlpPayloads("logs", 3, 1, END_MS)) {
      logs.decode(body, identity);
      expect([logs.logs.count, logs.rejected]).toEqual([items, 0]);
    }
  });

  it("are the same for the same seed", () => {
    const [a, b, c] = [1, 1, 2].map((seed) => otlpPayloads("traces", 1, seed, END_MS)[0]!.body);
    expect(Buffer.compare(a!, b!)).toBe(0);
    expect(Buffer.compare(a!, c!)).not.toBe(0);
  });

  it("have a batch processor's size", () => {
    for (const signal of ["metrics", "logs", "traces"] as const) {
      for (const { items } of otlpPayloads(signal, 4, 1, END_MS)) {
        expect(items).toBeGreaterThanOrEqual(900);
        expect(items).toBeLessThanOrEqual(2_100);
      }
    }
  });
});

describe("metrics", () => {
  it("repeat every series each 15 s, counters growing, and about one point in twenty is a histogram", () => {
    const decoder = new MetricDecoder();
    const times = new Map<number, number[]>();
    const values = new Map<number, number[]>();
    let histograms = 0;
    let points = 0;
    for (const { body, items } of otlpPayloads("metrics", 6, 5, END_MS, { series: 4_000 })) {
      decoder.decode(body, identity);
      const { numbers } = decoder;
      for (let row = 0; row < numbers.count; row++) {
        const series = numbers.series[row]!;
        times.set(series, [...(times.get(series) ?? []), numbers.timeMs[row]!]);
        values.set(series, [...(values.get(series) ?? []), numbers.value[row]!]);
      }
      histograms += decoder.histograms.count;
      points += items;
    }
    expect(histograms / points).toBeGreaterThan(0.03);
    expect(histograms / points).toBeLessThan(0.07);
    const [first, second] = [...times.values()][0]!;
    expect(second! - first!).toBeCloseTo(15_000, 0);
    let unchanged = 0;
    for (const [series, own] of values) {
      if (decoder.series[series]!.monotonic) expect(own).toEqual([...own].sort((a, b) => a - b));
      if (new Set(own).size === 1) unchanged++;
    }
    expect(unchanged / values.size).toBeGreaterThan(0.2);
    expect(unchanged / values.size).toBeLessThan(0.8);
  });
});

describe("spans", () => {
  it("are whole traces of 3 to 12 spans with one root, a few spans late, a fifth with an event", () => {
    const decoder = new SpanDecoder();
    const traces = new Map<string, { spans: number; roots: number }>();
    let events = 0;
    let spans = 0;
    for (const { body } of otlpPayloads("traces", 3, 9, END_MS)) {
      decoder.decode(body, identity);
      const columns = decoder.spans;
      for (let row = 0; row < columns.count; row++) {
        const id = `${columns.traceHigh[row]}-${columns.traceLow[row]}`;
        const trace = traces.get(id) ?? { spans: 0, roots: 0 };
        traces.set(id, { spans: trace.spans + 1, roots: trace.roots + (columns.parentId[row] === 0n ? 1 : 0) });
        if (columns.eventsTo[row]! > columns.eventsFrom[row]!) events++;
        spans++;
      }
    }
    expect(Math.max(...[...traces.values()].map((trace) => trace.spans))).toBeLessThanOrEqual(12);
    const whole = [...traces.values()].filter((trace) => trace.spans >= 3);
    expect(whole.length / traces.size).toBeGreaterThan(0.9);
    for (const { roots } of traces.values()) expect(roots).toBeLessThanOrEqual(1);
    expect(events / spans).toBeGreaterThan(0.15);
    expect(events / spans).toBeLessThan(0.25);
  });
});

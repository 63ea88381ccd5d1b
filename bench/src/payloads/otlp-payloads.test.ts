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
    expect(metrics.series).toHaveLength(3 * 1000);
  });

  it("are the same for the same seed, and of the size that was measured before", () => {
    const [a, b, c] = [1, 1, 2].map((seed) => otlpPayloads("traces", 1, seed, END_MS)[0]!.body);
    expect(Buffer.compare(a!, b!)).toBe(0);
    expect(Buffer.compare(a!, c!)).not.toBe(0);
    const bytesPerPoint = otlpPayloads("metrics", 1, 1, END_MS)[0]!.body.length / 1000;
    expect(bytesPerPoint).toBeGreaterThan(150);
    expect(bytesPerPoint).toBeLessThan(300);
  });
});

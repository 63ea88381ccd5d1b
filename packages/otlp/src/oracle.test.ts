import type { Signal } from "@yunwei/schemas";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encode, identity, logsRequest, metricsRequest, tracesRequest } from "./arbitrary-request.test-data.ts";
import { readAnyValue, readKeyValue } from "./attributes.ts";
import { OTLP_REQUESTS } from "./json/otlp-root.ts";
import { LogDecoder } from "./log-decoder.ts";
import { MetricDecoder } from "./metric-decoder.ts";
import { SpanDecoder } from "./span-decoder.ts";

type Plain = Record<string, any>;
const oracle = (signal: Signal, body: Uint8Array): Plain =>
  OTLP_REQUESTS[signal].toObject(OTLP_REQUESTS[signal].decode(body), { longs: String, arrays: true, defaults: true, bytes: String }) as Plain;
const ms = (nano: string): number => Number(BigInt(nano) / 1000n) / 1000;
const num = (value: unknown): number => Number(value);
const hex = (base64: string): string => Buffer.from(base64, "base64").toString("hex");

function anyText(value: Plain | null): string {
  if (value === null) return "";
  const plain = anyPlain(value);
  return typeof plain === "string" ? plain : JSON.stringify(plain);
}
function anyPlain(value: Plain): unknown {
  if (value["value"] === "stringValue" || value["stringValue"] !== undefined) return value["stringValue"];
  if (value["boolValue"] !== undefined) return value["boolValue"];
  if (value["intValue"] !== undefined) return Number.isSafeInteger(Number(value["intValue"])) ? Number(value["intValue"]) : value["intValue"];
  if (value["doubleValue"] !== undefined) return Number.isFinite(value["doubleValue"]) ? value["doubleValue"] : String(value["doubleValue"]);
  if (value["arrayValue"] !== undefined) return value["arrayValue"].values.map(anyPlain);
  if (value["kvlistValue"] !== undefined) return Object.fromEntries(value["kvlistValue"].values.map((pair: Plain) => [pair["key"], anyPlain(pair["value"])]));
  return "";
}
const labelsOf = (attributes: Plain[]): Record<string, string> =>
  Object.fromEntries(attributes.map((pair) => [pair["key"], anyText(pair["value"])]).filter(([key]) => key !== "__proto__"));
const fromMap = (map: ReadonlyMap<string, string>): Record<string, string> => Object.fromEntries([...map].filter(([key]) => key !== "__proto__"));

describe("the wire walkers agree with protobufjs", () => {
  it("on metrics of every kind", () => {
    const decoder = new MetricDecoder();
    fc.assert(
      fc.property(metricsRequest, (request) => {
        const body = encode("metrics", request);
        decoder.decode(body, identity);
        const want: unknown[] = [];
        const got: unknown[] = [];
        const words = decoder.buckets.words;
        const bucketList = (from: number, to: number) =>
          Array.from({ length: to - from }, (_, i) => words[2 * (from + i)]! + words[2 * (from + i) + 1]! * 2 ** 32);
        for (const rm of oracle("metrics", body)["resourceMetrics"]) {
          for (const sm of rm.scopeMetrics) {
            for (const metric of sm.metrics) {
              for (const point of (metric.gauge ?? metric.sum)?.dataPoints ?? []) {
                want.push([
                  "n",
                  metric.name,
                  metric.unit,
                  labelsOf(point.attributes),
                  labelsOf(rm.resource?.attributes ?? []),
                  ms(point.timeUnixNano),
                  num(point.asDouble ?? point.asInt ?? Number.NaN),
                ]);
              }
            }
          }
        }
        const { numbers } = decoder;
        for (let i = 0; i < numbers.count; i++) {
          const series = decoder.series[numbers.series[i]!]!;
          got.push([
            "n",
            series.metric,
            series.unit,
            fromMap(series.labels),
            fromMap(series.resource.attributes),
            Math.round(numbers.timeMs[i]! * 1000) / 1000,
            numbers.value[i],
          ]);
        }
        expect(got.length).toBe(want.length);
        for (let i = 0; i < got.length; i++) {
          const [g, w] = [got[i] as unknown[], want[i] as unknown[]];
          expect(g.slice(0, 5)).toEqual(w.slice(0, 5));
          expect(g[5]).toBeCloseTo(w[5] as number, 2);
          expect(g[6]).toEqual(w[6]);
        }
        const histograms = oracle("metrics", body)["resourceMetrics"].flatMap((rm: Plain) =>
          rm["scopeMetrics"].flatMap((sm: Plain) =>
            sm["metrics"].flatMap(
              (m: Plain) => (m["histogram"] ?? m["exponentialHistogram"])?.dataPoints.map((point: Plain) => ({ name: m["name"], point })) ?? [],
            ),
          ),
        );
        expect(decoder.histograms.count).toBe(histograms.length);
        histograms.forEach(({ name, point }: Plain, i: number) => {
          const columns = decoder.histograms;
          const series = decoder.series[columns.series[i]!]!;
          expect([series.metric, fromMap(series.labels), columns.observations[i], columns.sum[i]]).toEqual([
            name,
            labelsOf(point.attributes),
            num(point.count),
            point.sum,
          ]);
          if (columns.exponential[i] === 1) {
            expect([columns.scale[i], columns.zeroCount[i], columns.zeroThreshold[i], columns.positiveOffset[i], columns.negativeOffset[i]]).toEqual([
              point.scale,
              num(point.zeroCount),
              point.zeroThreshold,
              point.positive?.offset ?? 0,
              point.negative?.offset ?? 0,
            ]);
            expect(bucketList(columns.bucketFrom[i]!, columns.bucketTo[i]!)).toEqual((point.positive?.bucketCounts ?? []).map(num));
            expect(bucketList(columns.negativeFrom[i]!, columns.negativeTo[i]!)).toEqual((point.negative?.bucketCounts ?? []).map(num));
          } else {
            expect(bucketList(columns.bucketFrom[i]!, columns.bucketTo[i]!)).toEqual(point.bucketCounts.map(num));
            expect([...series.bounds]).toEqual(point.explicitBounds);
            expect([columns.min[i], columns.max[i]]).toEqual([point.min, point.max]);
          }
        });
        const summaries = oracle("metrics", body)["resourceMetrics"].flatMap((rm: Plain) =>
          rm["scopeMetrics"].flatMap((sm: Plain) => sm["metrics"].flatMap((m: Plain) => m["summary"]?.dataPoints ?? [])),
        );
        expect(decoder.summaries.count).toBe(summaries.length);
        summaries.forEach((point: Plain, i: number) => {
          const { from, to, sum } = decoder.summaries;
          expect(sum[i]).toBe(point["sum"]);
          expect([...decoder.quantiles.value.subarray(from[i], to[i])]).toEqual(point["quantileValues"].map((pair: Plain) => pair["value"]));
        });
      }),
      { numRuns: 300 },
    );
  });

  it("on spans, with their attributes, events and links", () => {
    const decoder = new SpanDecoder();
    fc.assert(
      fc.property(tracesRequest, (request) => {
        const body = encode("traces", request);
        decoder.decode(body, identity);
        const want = oracle("traces", body)["resourceSpans"].flatMap((rs: Plain) => rs["scopeSpans"].flatMap((ss: Plain) => ss["spans"]));
        const { spans, wire, slices } = decoder;
        expect(spans.count).toBe(want.length);
        want.forEach((span: Plain, i: number) => {
          const id = (value: bigint, bytes: number) => (value === 0n ? "" : value.toString(16).padStart(2 * bytes, "0"));
          expect(spans.traceHigh[i]!.toString(16).padStart(16, "0") + spans.traceLow[i]!.toString(16).padStart(16, "0")).toBe(hex(span["traceId"]));
          expect([id(spans.spanId[i]!, 8), id(spans.parentId[i]!, 8)]).toEqual([hex(span["spanId"]), hex(span["parentSpanId"])]);
          expect([decoder.strings[spans.name[i]!], spans.kind[i], spans.status[i]]).toEqual([span["name"], span["kind"], span["status"].code]);
          expect(spans.durationMs[i]).toBeCloseTo(Math.max(0, ms(span["endTimeUnixNano"]) - ms(span["startTimeUnixNano"])), 2);
          const map = new Map<string, string>();
          for (let at = spans.attributes[i]!; at < spans.attributesTo[i]!; at++) {
            wire.pos = slices.starts[at]!;
            readKeyValue(wire, slices.ends[at]!, map);
          }
          expect(fromMap(map)).toEqual(labelsOf(span["attributes"]));
          expect([spans.eventsTo[i]! - spans.eventsFrom[i]!, spans.linksTo[i]! - spans.linksFrom[i]!]).toEqual([span["events"].length, span["links"].length]);
        });
      }),
      { numRuns: 300 },
    );
  });

  it("on log records, with their bodies", () => {
    const decoder = new LogDecoder();
    fc.assert(
      fc.property(logsRequest, (request) => {
        const body = encode("logs", request);
        decoder.decode(body, identity);
        const want = oracle("logs", body)["resourceLogs"].flatMap((rl: Plain) => rl["scopeLogs"].flatMap((sl: Plain) => sl["logRecords"]));
        const { logs, wire } = decoder;
        expect(logs.count).toBe(want.length);
        want.forEach((record: Plain, i: number) => {
          expect(logs.severity[i]).toBe(record["severityNumber"]);
          expect(logs.timeMs[i]).toBeCloseTo(ms(record["timeUnixNano"]), 2);
          wire.pos = logs.bodyStart[i]!;
          const plain = readAnyValue(wire, logs.bodyEnd[i]!, 0);
          expect(typeof plain === "string" ? plain : JSON.stringify(plain)).toBe(anyText(record["body"]));
          const at = logs.traceIdAt[i]!;
          expect(at < 0 ? "" : Buffer.from(body.subarray(at, at + 16)).toString("hex")).toBe(hex(record["traceId"]));
        });
      }),
      { numRuns: 300 },
    );
  });
});

import type { Signal } from "@yunwei/schemas";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logsRequest, metricsRequest, tracesRequest } from "./arbitrary-request.test-data.ts";
import { readAnyValue, readKeyValue } from "./attributes.ts";
import { otlpJsonToProtobuf } from "./json/otlp-json.ts";
import { OTLP_REQUESTS } from "./json/otlp-root.ts";
import { LogDecoder } from "./log-decoder.ts";
import { MetricDecoder } from "./metric-decoder.ts";
import { SpanDecoder } from "./span-decoder.ts";

const identity = { source: "t", site: "", tier: "", department: "", receivedMs: Number.NaN };
const encode = (signal: Signal, request: unknown): Uint8Array =>
  otlpJsonToProtobuf(
    signal,
    Buffer.from(
      JSON.stringify(request, (_, value: unknown) =>
        Object.is(value, Number.POSITIVE_INFINITY) ? "Infinity" : Object.is(value, Number.NEGATIVE_INFINITY) ? "-Infinity" : value,
      ),
    ),
  );
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

describe("a decoder that knows the series", () => {
  const snapshot = (decoder: MetricDecoder) => {
    const { numbers, histograms, summaries } = decoder;
    const rows = (columns: object, count: number) =>
      Object.entries(columns).map(([name, column]) => (ArrayBuffer.isView(column) ? [name, [...(column as Float64Array).subarray(0, count)]] : name));
    return [rows(numbers, numbers.count), rows(histograms, histograms.count), rows(summaries, summaries.count), decoder.exemplars, decoder.rejected];
  };

  it("reads a request as one that meets it for the first time, also when others came between and bytes were changed", () => {
    const known = new MetricDecoder();
    fc.assert(
      fc.property(metricsRequest, metricsRequest, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }), (first, second, changes) => {
        const bodies = [encode("metrics", first), encode("metrics", second)].map((body) => Uint8Array.from(body));
        const changed = Uint8Array.from(bodies[0]!);
        for (const [at, byte] of changes) if (changed.length > 0) changed[at % changed.length] = byte;
        for (const body of [bodies[0]!, bodies[0]!, bodies[1]!, changed, bodies[0]!, changed]) {
          const fresh = new MetricDecoder();
          let want: unknown;
          try {
            fresh.decode(body, identity);
            want = snapshot(fresh);
          } catch (error) {
            expect(() => known.decode(body, identity)).toThrow((error as Error).message);
            continue;
          }
          known.decode(body, identity);
          const ids = (decoder: MetricDecoder) =>
            [...decoder.numbers.series.subarray(0, decoder.numbers.count)].map((index) => decoder.series[index]!.seriesId);
          expect(ids(known)).toEqual(ids(fresh));
          const withoutSeries = (value: unknown) =>
            JSON.stringify(value, (key, one: unknown) => (key === "series" || (Array.isArray(one) && one[0] === "series") ? null : one));
          expect(withoutSeries(snapshot(known))).toBe(withoutSeries(want));
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("hostile bytes", () => {
  const decoders = { metrics: new MetricDecoder(), traces: new SpanDecoder(), logs: new LogDecoder() };
  const tryAll = (signal: Signal, bytes: Uint8Array): void => {
    try {
      decoders[signal].decode(bytes, identity);
    } catch (error) {
      expect(error).toMatchObject({ code: "YUNWEI_OTLP_INVALID" });
    }
  };

  it("never crash a walker with anything but YUNWEI_OTLP_INVALID: random bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom<Signal>("metrics", "traces", "logs"), (bytes, signal) => tryAll(signal, bytes)),
      { numRuns: 5_000 },
    );
  });

  it("never crash a walker: true requests with bytes changed, cut or doubled", () => {
    const cases: [Signal, fc.Arbitrary<unknown>][] = [
      ["metrics", metricsRequest],
      ["traces", tracesRequest],
      ["logs", logsRequest],
    ];
    for (const [signal, request] of cases) {
      fc.assert(
        fc.property(request, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.nat(), (plain, changes, cut) => {
          const body = Uint8Array.from(encode(signal, plain));
          for (const [at, byte] of changes) if (body.length > 0) body[at % body.length] = byte;
          tryAll(signal, body);
          tryAll(signal, body.subarray(0, cut % (body.length + 1)));
          tryAll(signal, Buffer.concat([body, body.subarray(0, cut % (body.length + 1))]));
        }),
        { numRuns: 300 },
      );
    }
  });

  it("names the byte where a message breaks off", () => {
    const decoder = new MetricDecoder();
    expect(() => decoder.decode(Uint8Array.of(0x0a, 0x7f, 1), identity)).toThrow(/at byte 2 of 3/);
  });

  it("leaves out what the time rule or the size rule refuses, and says which", () => {
    const decoder = new MetricDecoder();
    const nowMs = 1_790_000_000_000;
    const point = (timeUnixNano: string, attributes: unknown[] = []) => ({ timeUnixNano, asDouble: 1, attributes });
    const many = Array.from({ length: 10_000 }, (_, i) => ({ key: `k${i}`, value: { stringValue: "v" } }));
    const dataPoints = [point("0"), point(`${nowMs}000000`), point(`${nowMs + 3_600_000}000000`), point("1000000000"), point(`${nowMs}000000`, many)];
    decoder.decode(encode("metrics", { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: "m", gauge: { dataPoints } }] }] }] }), {
      ...identity,
      receivedMs: nowMs,
    });
    expect([decoder.numbers.count, decoder.rejected, decoder.problem]).toEqual([1, 4, "metric m: time_unix_nano is 0"]);
  });

  it("refuse for a door that only checks what they refuse for one that keeps", () => {
    const keeping = new MetricDecoder();
    const checking = new MetricDecoder({ keepsSeries: false });
    const outcome = (decoder: MetricDecoder, body: Uint8Array): unknown => {
      try {
        decoder.decode(body, identity);
        return [decoder.numbers.count, decoder.histograms.count, decoder.summaries.count, decoder.exemplars.length, decoder.lastResource?.resourceId];
      } catch (error) {
        return (error as Error).message;
      }
    };
    fc.assert(
      fc.property(metricsRequest, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }), (plain, changes) => {
        const body = Uint8Array.from(encode("metrics", plain));
        for (const [at, byte] of changes) if (body.length > 0) body[at % body.length] = byte;
        expect(outcome(checking, body)).toEqual(outcome(keeping, body));
      }),
      { numRuns: 500 },
    );
    expect(checking.series.length).toBe(0);
  });

  it("knows the unit and the kind of each point where a metric changes them, and keeps its series' id", () => {
    const decoder = new MetricDecoder();
    const dataPoints = [{ timeUnixNano: "1", asDouble: 1 }];
    for (const metric of [
      { unit: "s", gauge: { dataPoints } },
      { unit: "ms", gauge: { dataPoints } },
      { unit: "ms", sum: { dataPoints, isMonotonic: true, aggregationTemporality: 2 } },
    ])
      decoder.decode(encode("metrics", { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: "m", ...metric }] }] }] }), identity);
    expect(decoder.series.map(({ unit, kind, monotonic }) => [unit, kind, monotonic])).toEqual([
      ["s", "gauge", false],
      ["ms", "gauge", false],
      ["ms", "sum", true],
    ]);
    expect(new Set(decoder.series.map(({ seriesId }) => seriesId)).size).toBe(1);
  });

  it("gives a series the same id whatever the order of its attributes", () => {
    const decoder = new MetricDecoder();
    const pair = (key: string) => ({ key, value: { stringValue: `${key}!` } });
    const send = (keys: string[]) =>
      decoder.decode(
        encode("metrics", {
          resourceMetrics: [
            {
              resource: { attributes: keys.map(pair) },
              scopeMetrics: [{ metrics: [{ name: "m", gauge: { dataPoints: [{ timeUnixNano: "1", asDouble: 1, attributes: keys.map(pair) }] } }] }],
            },
          ],
        }),
        identity,
      );
    send(["a", "b", "c"]);
    send(["c", "a", "b"]);
    expect(decoder.series.length).toBe(1);
    expect(decoder.series[0]!.seriesId).toMatch(/^[0-9a-f]{16}$/);
  });
});

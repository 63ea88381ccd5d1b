import { OTLP_REQUESTS } from "@yunwei/otlp";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeV1, encodeV2, NOW_MS } from "./prometheus-request.test-data.ts";
import { RequestConverter } from "./request-converter.ts";

type Plain = Record<string, any>;
const OPEN = { id: "t", sha256: "" };

function convert(histograms: object[], encode = encodeV2): { points: Plain[]; kind: string | undefined; problem: string | undefined } {
  const body = encode([{ labels: { __name__: "latency", job: "shop" }, histograms }]);
  const { body: otlp, tally } = new RequestConverter().convert(encode === encodeV1 ? 1 : 2, body, OPEN, NOW_MS);
  const plain = OTLP_REQUESTS.metrics.toObject(OTLP_REQUESTS.metrics.decode(otlp), { longs: Number, arrays: true }) as Plain;
  const metric: Plain = plain["resourceMetrics"][0]?.scopeMetrics[0].metrics[0] ?? {};
  const kind = ["histogram", "exponentialHistogram"].find((one) => metric[one] !== undefined);
  return { points: kind === undefined ? [] : metric[kind].dataPoints, kind, problem: tally.describe() };
}

interface Side {
  readonly first: number;
  /** Dense counts; runs of them become spans, the zeros between may be left out. */
  readonly counts: readonly number[];
}

/** Spans over what is not 0, as Prometheus makes them. */
function spansOf({ first, counts }: Side): { spans: object[]; values: number[] } {
  const spans: { offset: number; length: number }[] = [];
  const values: number[] = [];
  let next = 0;
  counts.forEach((count, i) => {
    if (count === 0) return;
    const last = spans.at(-1);
    if (last !== undefined && i === next) last.length++;
    else spans.push({ offset: last === undefined ? first + i : i - next, length: 1 });
    next = i + 1;
    values.push(count);
  });
  return { spans, values };
}

const deltasOf = (values: readonly number[]): number[] => values.map((count, i) => count - (values[i - 1] ?? 0));
const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

function native(positive: Side, negative: Side, zeroCount: number, isFloat: boolean): object {
  const [up, down] = [spansOf(positive), spansOf(negative)];
  const count = sumOf(positive.counts) + sumOf(negative.counts) + zeroCount;
  return {
    ...(isFloat ? { countFloat: count, zeroCountFloat: zeroCount } : { countInt: count, zeroCountInt: zeroCount }),
    sum: 12.5,
    schema: 3,
    zeroThreshold: 1e-9,
    positiveSpans: up.spans,
    negativeSpans: down.spans,
    [isFloat ? "positiveCounts" : "positiveDeltas"]: isFloat ? up.values : deltasOf(up.values),
    [isFloat ? "negativeCounts" : "negativeDeltas"]: isFloat ? down.values : deltasOf(down.values),
    timestamp: NOW_MS,
    startTimestamp: NOW_MS - 60_000,
  };
}

/** Dense buckets without zeros at either end: what they are in OTLP. */
function trimmed({ first, counts }: Side): object | undefined {
  const from = counts.findIndex((count) => count > 0);
  if (from < 0) return undefined;
  const to = counts.findLastIndex((count) => count > 0) + 1;
  return { ...withoutZeros({ offset: first + from - 1 }), bucketCounts: counts.slice(from, to) };
}

/** protobufjs leaves out what is 0. */
const withoutZeros = (plain: Readonly<Record<string, number>>): object => Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== 0));

const side = fc.record({
  first: fc.integer({ min: -300, max: 300 }),
  counts: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 ** 40 })), { maxLength: 12 }),
});

describe("native histograms", () => {
  it("become exponential histograms with the same buckets, integer and float, in both versions", () => {
    fc.assert(
      fc.property(side, side, fc.nat(9), fc.boolean(), fc.constantFrom(encodeV1, encodeV2), (positive, negative, zeroCount, isFloat, encode) => {
        const { points, kind, problem } = convert([native(positive, negative, zeroCount, isFloat)], encode);
        const count = sumOf(positive.counts) + sumOf(negative.counts) + zeroCount;
        expect([kind, problem]).toEqual(["exponentialHistogram", undefined]);
        expect(points).toEqual([
          {
            attributes: [],
            exemplars: [],
            startTimeUnixNano: (NOW_MS - 60_000) * 1e6,
            timeUnixNano: NOW_MS * 1e6,
            ...withoutZeros({ count, zeroCount }),
            sum: 12.5,
            scale: 3,
            zeroThreshold: 1e-9,
            ...(trimmed(positive) === undefined ? {} : { positive: trimmed(positive) }),
            ...(trimmed(negative) === undefined ? {} : { negative: trimmed(negative) }),
          },
        ]);
      }),
      { numRuns: 300 },
    );
  });

  it("with bounds of their own become histograms with these bounds", () => {
    const histogram = {
      countInt: 6,
      sum: 3,
      schema: -53,
      customValues: [0.1, 1, 10],
      positiveSpans: [
        { offset: 1, length: 1 },
        { offset: 1, length: 1 },
      ],
      positiveDeltas: [2, 2],
      timestamp: NOW_MS,
    };
    const { points, kind } = convert([histogram]);
    expect(kind).toBe("histogram");
    expect(points[0]).toMatchObject({ count: 6, sum: 3, explicitBounds: [0.1, 1, 10], bucketCounts: [0, 2, 0, 4] });
  });

  it("that end a series become a point without a value", () => {
    const body = Buffer.from(encodeV2([{ labels: { __name__: "latency" }, histograms: [{ sum: 1.5, timestamp: NOW_MS }] }]));
    body.writeBigUInt64LE(0x7ff0000000000002n, body.indexOf(Buffer.from([0, 0, 0, 0, 0, 0, 0xf8, 0x3f])));
    const { body: otlp, tally } = new RequestConverter().convert(2, body, OPEN, NOW_MS);
    const plain = OTLP_REQUESTS.metrics.toObject(OTLP_REQUESTS.metrics.decode(otlp)) as Plain;
    expect(plain["resourceMetrics"][0].scopeMetrics[0].metrics[0].exponentialHistogram.dataPoints[0]).toMatchObject({ flags: 1 });
    expect(tally.problem).toBeUndefined();
  });

  const base = { countInt: 2, sum: 1, positiveSpans: [{ offset: 0, length: 1 }], positiveDeltas: [2], timestamp: NOW_MS };
  it.each<[string, object, RegExp]>([
    ["a gauge histogram", { ...base, resetHint: 3 }, /gauge histogram has no form in OTLP/],
    ["a schema that OTLP has not", { ...base, schema: 9 }, /schema 9 has no form/],
    ["counts that are not whole", { countFloat: 1.5, positiveSpans: [{ length: 1 }], positiveCounts: [1.5], timestamp: NOW_MS }, /not whole numbers/],
    ["counts below 0", { ...base, positiveDeltas: [-2] }, /count below 0/],
    ["counts over 2^53", { ...base, positiveDeltas: ["9007199254740993"] }, /over 2\^53/],
    ["a count that is not that of its buckets", { ...base, countInt: 3 }, /counts 3 observations, its buckets 2/],
    ["spans without buckets", { ...base, positiveSpans: [{ offset: 0, length: 4_000_000_000 }] }, /fewer histogram buckets/],
    ["buckets without spans", { ...base, positiveSpans: [] }, /more histogram buckets/],
    ["a span that goes back", { ...base, positiveSpans: [{ length: 1 }, { offset: -1, length: 0 }] }, /go back/],
    ["a bucket far away", { ...base, positiveSpans: [{ length: 0 }, { offset: 2_000_000_000, length: 1 }] }, /more than 4096 buckets/],
    ["a first bucket out of 32 bits", { ...base, positiveSpans: [{ offset: -2147483648, length: 1 }] }, /go back/],
    ["too many buckets", { ...base, positiveSpans: [{ length: 5000 }], positiveDeltas: Array.from({ length: 5000 }, () => 0) }, /more than 4096/],
    ["bounds that fall", { ...base, schema: -53, customValues: [2, 1] }, /bounds that do not rise/],
    ["a bucket beyond the bounds", { ...base, schema: -53, customValues: [1], positiveSpans: [{ offset: 2, length: 1 }] }, /beyond the histogram's bounds/],
    ["the future", { ...base, timestamp: NOW_MS + 3_600_000 }, /ahead of the server's clock/],
  ])("%s is refused with a count and a reason", (_case, histogram, reason) => {
    const { points, problem } = convert([histogram, base]);
    expect(points).toHaveLength(1);
    expect(problem).toMatch(reason);
    expect(problem).toMatch(/^1 of 2 histograms are refused/);
  });

  it("arbitrary ones never break the converter, and what it makes is sound", () => {
    const span = fc.record({ offset: fc.integer(), length: fc.oneof(fc.nat(5), fc.nat()) });
    const whole = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.integer());
    const histogram = fc.record({
      countInt: fc.nat(99),
      sum: fc.double(),
      schema: fc.oneof(fc.constant(-53), fc.integer({ min: -9, max: 12 })),
      zeroCountInt: fc.nat(3),
      positiveSpans: fc.array(span, { maxLength: 4 }),
      positiveDeltas: fc.array(whole, { maxLength: 9 }),
      negativeSpans: fc.array(span, { maxLength: 2 }),
      negativeDeltas: fc.array(whole, { maxLength: 3 }),
      customValues: fc.array(fc.double(), { maxLength: 3 }),
      timestamp: fc.constant(NOW_MS),
    });
    fc.assert(
      fc.property(fc.array(histogram, { maxLength: 3 }), (histograms) => {
        const { points, problem } = convert(histograms);
        expect(points.length === histograms.length || problem !== undefined).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});

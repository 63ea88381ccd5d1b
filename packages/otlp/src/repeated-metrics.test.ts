import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encode, identity, metricsRequest, plainMetricsRequest } from "./arbitrary-request.test-data.ts";
import { MetricDecoder } from "./metric-decoder.ts";
import { snapshotOf } from "./metric-snapshot.test-data.ts";
import { MAX_AGE_MS } from "./time-rule.ts";

type Plain = { [key: string]: unknown };
const NUMBERS = new Set(["timeUnixNano", "startTimeUnixNano", "asDouble", "asInt", "count", "sum", "min", "max"]);

/** The same request with other numbers in its points. @param next - a number from 0 to 999,999 */
function renumbered(value: unknown, next: () => number, inPoint = false): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => renumbered(one, next, inPoint));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value as Plain).map(([key, one]) => {
      if (inPoint && NUMBERS.has(key)) return [key, numberLike(key, next())];
      if (inPoint && key === "bucketCounts") return [key, (one as string[]).map(() => String(next()))];
      return [key, renumbered(one, next, inPoint || key === "dataPoints")];
    }),
  );
}

function numberLike(key: string, number: number): unknown {
  if (key.endsWith("UnixNano")) return `${1_790_000_000_000_000_000n - BigInt(number) * 1_000_003n}`;
  return key === "asInt" || key === "count" ? String(key === "asInt" ? number - 500_000 : number) : number / 7 - 50_000;
}

/** What a decoder that meets the request for the first time makes of it, or its error. */
function outcome(decoder: MetricDecoder, body: Uint8Array, who = identity): unknown {
  try {
    decoder.decode(body, who);
    return snapshotOf(decoder);
  } catch (error) {
    return (error as Error).message;
  }
}

const simple = (value: number, timeMs = 1_790_000_000_000): Uint8Array =>
  encode("metrics", {
    resourceMetrics: [
      {
        resource: { attributes: [{ key: "host.name", value: { stringValue: "db-7" } }] },
        scopeMetrics: [{ metrics: [{ name: "m", gauge: { dataPoints: [{ timeUnixNano: `${timeMs}000000`, asDouble: value }] } }] }],
      },
    ],
  });

describe("ResourceMetrics that come again with other numbers", () => {
  it("are what a decoder reads that does not know them, also when bytes were changed", () => {
    const known = new MetricDecoder();
    fc.assert(
      fc.property(
        fc.oneof(metricsRequest, plainMetricsRequest),
        fc.infiniteStream(fc.nat(999_999)),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }),
        (request, numbers, changes) => {
          const next = (): number => numbers.next().value as number;
          for (let round = 0; round < 5; round++) {
            const body = Uint8Array.from(encode("metrics", renumbered(request, next)));
            expect(outcome(known, body)).toEqual(outcome(new MetricDecoder(), body));
            for (const [at, byte] of changes) if (body.length > 0) body[at % body.length] = byte;
            expect(outcome(known, body)).toEqual(outcome(new MetricDecoder(), body));
          }
        },
      ),
      { numRuns: 300 },
    );
    expect(known.repeats).toBeGreaterThan(200);
  });

  it("are known wherever they stand in a request, and whatever stands around them", () => {
    const decoder = new MetricDecoder();
    for (let i = 0; i < 2; i++) decoder.decode(simple(i), identity);
    const before = decoder.repeats;
    const other = encode("metrics", {
      resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: "other", gauge: { dataPoints: [{ timeUnixNano: "1", asDouble: 1 }] } }] }] }],
    });
    decoder.decode(Buffer.concat([other, simple(5), simple(6)]), identity);
    expect([decoder.repeats - before, ...decoder.numbers.value.subarray(0, decoder.numbers.count)]).toEqual([2, 1, 5, 6]);
    expect(decoder.lastResource?.attributes.get("host.name")).toBe("db-7");
  });

  it("keep every form of NaN, and the sign of zero", () => {
    const decoder = new MetricDecoder();
    for (let i = 0; i < 3; i++) decoder.decode(simple(i), identity);
    const before = decoder.repeats;
    const body = Uint8Array.from(simple(123.5));
    const at = Buffer.from(body).indexOf(Buffer.from(new Float64Array([123.5]).buffer));
    const view = new DataView(body.buffer);
    view.setUint32(at, 2, true); // Prometheus' marker of a stale series, a signalling NaN
    view.setUint32(at + 4, 0x7ff00000, true);
    decoder.decode(body, identity);
    expect(decoder.numbers.value[0]).toBeNaN();
    view.setUint32(at, 0, true);
    view.setUint32(at + 4, 0x80000000, true);
    decoder.decode(body, identity);
    expect(Object.is(decoder.numbers.value[0], -0)).toBe(true);
    decoder.decode(simple(7), identity);
    expect(decoder.repeats - before).toBe(3);
  });

  it("are left out by the time rule as others are", () => {
    const decoder = new MetricDecoder();
    const receivedMs = 1_790_000_000_000;
    const who = { ...identity, receivedMs };
    for (let i = 0; i < 3; i++) decoder.decode(simple(i), who);
    decoder.decode(simple(4, receivedMs - MAX_AGE_MS - 1000), who);
    expect([decoder.numbers.count, decoder.rejected, decoder.problem]).toEqual([0, 1, "metric m: time_unix_nano is older than 13 days"]);
    decoder.decode(simple(5), who);
    expect([decoder.numbers.count, decoder.rejected, decoder.numbers.value[0]]).toEqual([1, 0, 5]);
  });

  it("belong to the stream that sent them", () => {
    const decoder = new MetricDecoder();
    for (let i = 0; i < 3; i++)
      for (const site of ["suzhou", "wuxi"]) {
        decoder.decode(simple(i), { ...identity, source: site, site });
        expect(decoder.lastResource?.site).toBe(site);
        expect(decoder.series[decoder.numbers.series[0]!]!.resource.site).toBe(site);
      }
    expect(decoder.repeats).toBeGreaterThan(0);
  });

  it("are forgotten when memory is short: those that do not come any more, and none that does", () => {
    const decoder = new MetricDecoder({ repeated: { maxBytes: 20_000, unusedTurns: 500 } });
    const of = (host: number, value: number): Uint8Array =>
      encode("metrics", {
        resourceMetrics: [
          {
            resource: { attributes: [{ key: "host.name", value: { stringValue: `host-${host}` } }] },
            scopeMetrics: [{ metrics: [{ name: "m", gauge: { dataPoints: [{ timeUnixNano: "1790000000000000000", asDouble: value }] } }] }],
          },
        ],
      });
    const rounds = (from: number, to: number, times: number): number => {
      const before = decoder.repeats;
      for (let round = 0; round < times; round++) for (let host = from; host < to; host++) decoder.decode(of(host, round), identity);
      return decoder.repeats - before;
    };
    rounds(0, 200, 2);
    const kept = rounds(0, 200, 10) / 10;
    expect(kept).toBeGreaterThan(10);
    expect(kept).toBeLessThan(40);
    rounds(1000, 1010, 100);
    expect(rounds(1000, 1010, 10)).toBe(100);
  });
});

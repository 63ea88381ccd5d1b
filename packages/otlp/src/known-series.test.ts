import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encode, identity, metricsRequest } from "./arbitrary-request.test-data.ts";
import { MetricDecoder } from "./metric-decoder.ts";
import { snapshotOf } from "./metric-snapshot.test-data.ts";

describe("a decoder that knows the series", () => {
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
            want = snapshotOf(fresh);
          } catch (error) {
            expect(() => known.decode(body, identity)).toThrow((error as Error).message);
            continue;
          }
          known.decode(body, identity);
          expect(snapshotOf(known)).toEqual(want);
        }
      }),
      { numRuns: 200 },
    );
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

import type { Signal } from "@yunwei/schemas";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encode, identity, logsRequest, metricsRequest, tracesRequest } from "./arbitrary-request.test-data.ts";
import { LogDecoder } from "./log-decoder.ts";
import { MetricDecoder } from "./metric-decoder.ts";
import { SpanDecoder } from "./span-decoder.ts";

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
});

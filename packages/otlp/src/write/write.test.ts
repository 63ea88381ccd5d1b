import fc from "fast-check";
import { expect, it } from "vitest";
import { OTLP_REQUESTS } from "../json/otlp-root.ts";
import { writeGaugeRequest } from "./gauge-request.ts";
import { LogRequestWriter, type OutgoingLog } from "./log-request-writer.ts";

const attributes = fc.dictionary(
  fc.string({ minLength: 1, unit: "grapheme" }),
  fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true }).filter((value) => !Object.is(value, -0)),
  ),
  {
    maxKeys: 5,
  },
);
const time = fc.integer({ min: 1, max: 4e12 });
const log: fc.Arbitrary<OutgoingLog> = fc.record({
  timeMs: time,
  observedMs: time,
  severity: fc.nat(24),
  severityText: fc.constantFrom("", "err"),
  body: fc.string({ unit: "grapheme", maxLength: 300 }),
  attributes,
  droppedAttributes: fc.nat(3),
  eventName: fc.constantFrom("a.b", "c"),
});

/** What protobufjs, which knows nothing of our writer, reads. */
const read = (signal: "logs" | "metrics", body: Uint8Array): any => OTLP_REQUESTS[signal].toObject(OTLP_REQUESTS[signal].decode(body), { longs: String });
const plain = (pairs: { key: string; value: Record<string, unknown> }[] | undefined) =>
  Object.fromEntries((pairs ?? []).map(({ key, value }) => [key, value["stringValue"] ?? value["doubleValue"] ?? Number(value["intValue"])]));

it("writes log requests that another reader understands", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom({ "host.name": "a" }, { "host.name": "核心-1" }), log), { minLength: 1, maxLength: 6 }), (records) => {
      const writer = new LogRequestWriter("scope", 1 << 20);
      for (const [resource, one] of records) writer.add(resource, one);
      expect(writer.count).toBe(records.length);
      const found = read("logs", writer.end()).resourceLogs.flatMap((group: any) =>
        group.scopeLogs[0].logRecords.map((record: any) => [
          plain(group.resource.attributes),
          {
            time: record.timeUnixNano,
            observed: record.observedTimeUnixNano,
            body: record.body.stringValue,
            attributes: plain(record.attributes),
            name: record.eventName,
          },
        ]),
      );
      const wanted = records.map(([resource, one]) => [
        resource,
        { time: nanos(one.timeMs), observed: nanos(one.observedMs), body: one.body, attributes: { ...one.attributes }, name: one.eventName },
      ]);
      const byHost = (host: string) => (pair: any) => pair[0]["host.name"] === host;
      for (const host of ["a", "核心-1"]) expect(found.filter(byHost(host))).toEqual(wanted.filter(byHost(host)));
      expect(writer.count).toBe(0);
    }),
  );
});

const nanos = (ms: number): string => (BigInt(ms) * 1_000_000n).toString();

it("writes gauge requests that another reader understands", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), time, attributes, (value, timeMs, point) => {
      const body = writeGaugeRequest("scope", { "yunwei.site": "苏州" }, [{ name: "m", unit: "s", value }], point, timeMs);
      const [{ resource, scopeMetrics }] = read("metrics", body).resourceMetrics;
      const [dataPoint] = scopeMetrics[0].metrics[0].gauge.dataPoints;
      expect(plain(resource.attributes)).toEqual({ "yunwei.site": "苏州" });
      expect([dataPoint.asDouble, dataPoint.timeUnixNano, plain(dataPoint.attributes)]).toEqual([value, nanos(timeMs), { ...point }]);
    }),
  );
});

it("refuses a request that is too large", () => {
  const writer = new LogRequestWriter("scope", 20_000);
  writer.add({}, { timeMs: 1, observedMs: 1, severity: 0, severityText: "", body: "x".repeat(30_000), attributes: {} });
  expect(() => writer.end()).toThrow(expect.objectContaining({ code: "YUNWEI_OTLP_TOO_LARGE" }));
});

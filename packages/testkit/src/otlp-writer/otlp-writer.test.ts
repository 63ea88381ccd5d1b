import protobuf from "protobufjs";
import { describe, expect, it } from "vitest";
import { writeLog } from "./log-writer.ts";
import { MetricTemplate } from "./metric-template.ts";
import { OTLP_DESCRIPTOR } from "./otlp-descriptor.ts";
import { RecordSink } from "./record-sink.ts";
import { RequestPacker } from "./request-packer.ts";
import { encodeResourceField, encodeScopeField } from "./resource-bytes.ts";
import { SPAN_KIND_CLIENT, spanTemplate, writeSpan } from "./span-writer.ts";

const root = protobuf.Root.fromJSON(OTLP_DESCRIPTOR);
const decode = (type: string, body: Uint8Array) =>
  root.lookupType(type).toObject(root.lookupType(type).decode(body), { longs: String, bytes: String, arrays: true }) as Record<string, unknown>;
const resource = encodeResourceField({ "service.name": "fund-api", count: 3, share: 0.5, live: true });
const scope = encodeScopeField("test", "1");
const TIME_MS = 1_795_485_600_000;

function packOne(fill: (packer: RequestPacker) => void): Uint8Array {
  const packer = new RequestPacker(1 << 20);
  fill(packer);
  return packer.finish()[0]!;
}

describe("MetricTemplate", () => {
  it("carries gauges, counters and histograms with the values of the moment", () => {
    const template = new MetricTemplate([
      { name: "g", unit: "1", kind: "gauge", points: [{ at: "/" }, { at: "/data" }] },
      { name: "c", unit: "By", kind: "counter", integer: true },
      { name: "h", unit: "s", kind: "histogram", bounds: [0.5, 1] },
    ]);
    template.setStart(TIME_MS - 1000);
    template.setTime(TIME_MS);
    [0.25, 0.75, 2 ** 40 + 1].forEach((value, point) => {
      template.setNumber(point, value);
    });
    template.setHistogram(3, 2.5, Float64Array.of(9, 1, 2, 4), 1, 3);
    const request = decode(
      "ExportMetricsServiceRequest",
      packOne((packer) => template.appendTo(packer, resource, scope)),
    );
    const times = { startTimeUnixNano: "1795485599000000000", timeUnixNano: "1795485600000000000" };
    const at = (value: string) => [{ key: "at", value: { stringValue: value } }];
    expect(request).toMatchObject({
      resourceMetrics: [
        {
          resource: {
            attributes: [
              { key: "service.name", value: { stringValue: "fund-api" } },
              { value: { intValue: "3" } },
              { value: { doubleValue: 0.5 } },
              { value: { boolValue: true } },
            ],
          },
          scopeMetrics: [
            {
              scope: { name: "test", version: "1" },
              metrics: [
                {
                  name: "g",
                  unit: "1",
                  gauge: {
                    dataPoints: [
                      { attributes: at("/"), timeUnixNano: times.timeUnixNano, asDouble: 0.25 },
                      { attributes: at("/data"), asDouble: 0.75 },
                    ],
                  },
                },
                { name: "c", sum: { isMonotonic: true, aggregationTemporality: 2, dataPoints: [{ ...times, asInt: String(2 ** 40 + 1) }] } },
                {
                  name: "h",
                  histogram: {
                    aggregationTemporality: 2,
                    dataPoints: [{ ...times, count: "7", sum: 2.5, bucketCounts: ["1", "2", "4"], explicitBounds: [0.5, 1] }],
                  },
                },
              ],
            },
          ],
        },
      ],
    });
  });

  it("leaves hidden metrics out and brings them back", () => {
    const template = new MetricTemplate(["a", "b", "c"].map((name) => ({ name, unit: "1", kind: "gauge" })));
    const names = () =>
      JSON.stringify(
        decode(
          "ExportMetricsServiceRequest",
          packOne((packer) => template.appendTo(packer, resource, scope)),
        ),
      )
        .match(/"name":"[abc]"/g)
        ?.map((match) => match.at(-2));
    template.setHidden(1, true);
    expect(names()).toEqual(["a", "c"]);
    template.setHidden(1, false);
    expect(names()).toEqual(["a", "b", "c"]);
  });
});

it("writes spans and logs that decode to what was given", () => {
  const ids = Uint32Array.of(1, 2, 3, 4);
  const trace = Uint32Array.of(0xff, 0, 0, 1, 0xabcd, 7);
  const spans = new RecordSink(1 << 20);
  const template = spanTemplate("GET", SPAN_KIND_CLIENT, { "server.address": "fund-api" }, "refused");
  writeSpan(spans, template, { trace: trace.subarray(0, 4), ids, span: 2, parent: 0 }, TIME_MS, TIME_MS + 2.5);
  const hex = (text: string) => Buffer.from(text, "hex").toString("base64");
  expect(
    decode(
      "ExportTraceServiceRequest",
      packOne((packer) => spans.drain(packer, resource, scope)),
    ),
  ).toMatchObject({
    resourceSpans: [
      {
        scopeSpans: [
          {
            spans: [
              {
                traceId: hex("000000ff000000000000000000000001"),
                spanId: hex("0000000300000004"),
                parentSpanId: hex("0000000100000002"),
                name: "GET",
                kind: 3,
                startTimeUnixNano: "1795485600000000000",
                endTimeUnixNano: "1795485600002500000",
                attributes: [{ key: "server.address" }],
                status: { code: 2, message: "refused" },
              },
            ],
          },
        ],
      },
    ],
  });
  const logs = new RecordSink(1 << 20);
  writeLog(logs, "error", TIME_MS, "disk: 没有空间", trace);
  writeLog(logs, "info", TIME_MS, "started");
  expect(
    decode(
      "ExportLogsServiceRequest",
      packOne((packer) => logs.drain(packer, resource, scope)),
    ),
  ).toMatchObject({
    resourceLogs: [
      {
        scopeLogs: [
          {
            logRecords: [
              { severityNumber: 17, severityText: "ERROR", body: { stringValue: "disk: 没有空间" }, spanId: hex("0000abcd00000007") },
              { severityNumber: 9, body: { stringValue: "started" } },
            ],
          },
        ],
      },
    ],
  });
});

it("cuts requests at the limit, between records, and loses none", () => {
  const sink = new RecordSink(300);
  for (let i = 0; i < 100; i++) writeLog(sink, "info", TIME_MS, `line ${i}`);
  const packer = new RequestPacker(1000);
  sink.drain(packer, resource, scope);
  const bodies = packer.finish();
  expect(Math.max(...bodies.map((body) => body.length))).toBeLessThanOrEqual(1000);
  const text = bodies.map((body) => JSON.stringify(decode("ExportLogsServiceRequest", body))).join();
  expect(text.match(/line \d+/g)).toEqual(Array.from({ length: 100 }, (_, i) => `line ${i}`));
  expect(packer.finish()).toEqual([]);
});

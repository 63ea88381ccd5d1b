import { otlpJsonToProtobuf } from "@yunwei/otlp";
import type { Signal } from "@yunwei/schemas";

export const CHAOS_METRIC = "chaos.points";
export const CHAOS_HISTOGRAM = "chaos.requests";
export const CHAOS_LOG = "chaos ";
export const CHAOS_SPAN = "chaos";

const HOSTS = 11;
const SERIES = 20;
const DAY_MS = 86_400_000;
/** Of so many items one is of yesterday: a batch then has rows of two partitions of its table. */
const YESTERDAY_EVERY = 8;

/** An Export request whose items carry the numbers `first` ... `first + count - 1`, in protobuf. */
export function numberedRequest(signal: Signal, first: number, count: number, nowMs: number): Uint8Array {
  const numbers = Array.from({ length: count }, (_, i) => first + i);
  const host = first % HOSTS;
  return otlpJsonToProtobuf(signal, Buffer.from(JSON.stringify(BODY[signal](numbers, host, nowMs))));
}

const nano = (number: number, nowMs: number): string => `${number % YESTERDAY_EVERY === 0 ? nowMs - DAY_MS : nowMs}000000`;
const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");

const BODY: Readonly<Record<Signal, (numbers: readonly number[], host: number, nowMs: number) => object>> = {
  metrics: (numbers, host, nowMs) => {
    const dataPoints = numbers.map((asInt) => ({ timeUnixNano: nano(asInt, nowMs), asInt, attributes: [text("slot", String(asInt % SERIES))] }));
    const first = numbers[0]!;
    const histogram = { timeUnixNano: `${nowMs}000000`, count: "1", sum: first, bucketCounts: ["1", "0"], explicitBounds: [1e12] };
    return {
      resourceMetrics: [
        {
          resource: { attributes: [text("host.name", `chaos-${host}`)] },
          scopeMetrics: [
            {
              metrics: [
                { name: CHAOS_METRIC, gauge: { dataPoints } },
                { name: CHAOS_HISTOGRAM, histogram: { aggregationTemporality: 1, dataPoints: [histogram] } },
              ],
            },
          ],
        },
      ],
    };
  },
  logs: (numbers, host, nowMs) => ({
    resourceLogs: [
      {
        resource: { attributes: [text("host.name", `chaos-${host}`)] },
        scopeLogs: [{ logRecords: numbers.map((n) => ({ timeUnixNano: nano(n, nowMs), severityNumber: 9, body: { stringValue: `${CHAOS_LOG}${n}` } })) }],
      },
    ],
  }),
  traces: (numbers, host, nowMs) => ({
    resourceSpans: [
      {
        resource: { attributes: [text("service.name", `chaos-${host}`)] },
        scopeSpans: [
          {
            spans: numbers.map((n) => ({
              traceId: hex(Math.floor(n / 4) + 1, 32),
              spanId: hex(n, 16),
              name: CHAOS_SPAN,
              kind: 1,
              startTimeUnixNano: nano(n, nowMs),
              endTimeUnixNano: nano(n, nowMs),
            })),
          },
        ],
      },
    ],
  }),
};

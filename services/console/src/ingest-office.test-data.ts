import { YunweiError } from "@yunwei/service-kit";
import type { Store } from "@yunwei/store";
import type { IngestOffice } from "./http/ingest-office.ts";

const LETTER = {
  topic: "otlp_metrics",
  partition: 1,
  offset: 42,
  headers: { "yunwei.source": "suzhou" },
  failures: [{ stage: "decode", error: "not a valid OTLP protobuf message: a number is cut off at byte 17 of 80" }],
  replays: [],
};

/** What ingest would say: a letter, a quota that was passed, a clock that is ahead. */
export function ingestOfficeOf(nowMs: number): IngestOffice {
  const letter = { ...LETTER, buriedMs: nowMs - 600_000 };
  return {
    deadLetters: {
      list: async () => [{ ...letter, bytes: 80 }],
      show: async () => ({
        letter: { ...letter, value: new Uint8Array(80) },
        description: {
          plainBytes: 80,
          problem: LETTER.failures[0]!.error,
          place: "resourceMetrics[0]",
          faultByte: 17,
          hex: ["00000000  0a"],
          outline: [],
          omitted: 0,
        },
      }),
      replay: async (id) => {
        if (id !== "otlp_metrics:1:42") throw new YunweiError("YUNWEI_NOT_FOUND", "there is no such dead letter");
        return { did: "published", rows: 0 };
      },
    },
    lagByTopic: async () => ({ otlp_metrics: 3, otlp_logs: 0, otlp_spans: 0 }),
    quotas: async () => [
      {
        source: "suzhou",
        itemsPerSecond: 20_000,
        bytesPerSecond: undefined,
        newSeriesPerMinute: 500,
        rejected: [{ reason: "new_series", requests: 12, items: 24_000 }],
      },
    ],
    clockSkew: async () => [
      { source: "suzhou", site: "suzhou", signal: "metrics", skewSeconds: 252, spreadSeconds: 0.4, samples: 240, verdict: "ahead" },
      { source: "nanjing", site: "nanjing", signal: "metrics", skewSeconds: -0.6, spreadSeconds: 0.2, samples: 240, verdict: "steady" },
      { source: "xuzhou", site: "xuzhou", signal: "logs", skewSeconds: -840, spreadSeconds: 12, samples: 61, verdict: "behind" },
    ],
    guardedMetrics: async () => [{ source: "suzhou", metric: "http.server.request.duration", refusedPoints: 1_234 }],
    retention: async () => ({
      disks: [{ name: "default", freeBytes: 9e9, totalBytes: 1e12, beginBytes: 5e9, endBytes: 6e9, dropping: false }],
      tables: [{ table: "logs", retention: "short", rows: 10, bytes: 500, oldestDay: "2026-11-20" }],
      next: [{ table: "logs", retention: "short", day: "2026-11-20", rows: 10, bytes: 500, step: "logs of class short" }],
      dropped: [{ atMs: nowMs - 60_000, table: "spans", retention: "", day: "2026-11-19", rows: 7, bytes: 90, reason: "disk default has 1 of 9 bytes free" }],
    }),
  };
}

/** The books of an hour: three tokens, one of them with a dead letter. */
export async function seedAccounts(store: Store, endMs: number): Promise<void> {
  const row = (topic: string, part: number, first: number, source: string, accepted: number, more: object = {}) => ({
    at: Math.floor(endMs / 1000) - 600,
    topic,
    part,
    first_off: String(first),
    last_off: String(first + 99),
    source,
    messages: 100,
    unannounced: 0,
    accepted,
    stored: accepted,
    rejected: 0,
    reason: "",
    dead_messages: 0,
    dead_items: 0,
    missing: 0,
    surplus: 0,
    ...more,
  });
  await store.insertRows("ingest_accounting", [
    row("otlp_metrics", 0, 0, "nanjing", 1_204_000),
    row("otlp_metrics", 1, 0, "suzhou", 310_200, { stored: 310_000, dead_messages: 1, dead_items: 200, rejected: 48, reason: "time_unix_nano is 0" }),
    row("otlp_logs", 0, 0, "xuzhou", 88_310),
    row("otlp_spans", 0, 0, "nanjing", 45_120),
  ]);
}

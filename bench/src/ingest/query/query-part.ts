import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { sendOtlp } from "@yunwei/testkit";
import type { BenchOptions } from "../../bench.ts";
import { type BenchRow, informative } from "../../bench-row.ts";
import { BenchChild } from "../../child/child-process.ts";
import { median } from "../../median.ts";
import { EndlessFeed } from "../endless-feed.ts";
import { goalRow } from "../goals.ts";
import type { IngestPart } from "../ingest-part.ts";
import { sendWhile } from "../send-while.ts";
import { type Opened, withOpened } from "../with-opened.ts";
import type { QueryTimes } from "./query-main.ts";
import { STEP_S, type StoredWeek } from "./stored-week.ts";

const MAIN = fileURLToPath(new URL("./query-main.ts", import.meta.url));
const SEED = 71;
const SERIES_OF_FEED = 32_000;
const BEGIN_BEFORE_MS = 6 * 3_600_000;
/** Ingest is at full speed by then. */
const UNDER_WAY_MS = 8_000;
const NORMAL = { series: 5_000, days: 7, rounds: 20, queries: 200 };
const SHORT = { series: 280, days: 7, rounds: 4, queries: 30 };

/** Two questions to the store, asked by the product's own functions while it takes in metrics at full speed. */
export const queryPart: IngestPart = {
  name: "query",
  goals: ["query.series_24h_ms", "query.sites_7d_ms"],
  run: (options) => withOpened((opened) => run(opened, options)),
};

async function run(opened: Opened, { short, tell, stop }: BenchOptions): Promise<BenchRow[]> {
  const { series, days, rounds, queries } = short ? SHORT : NORMAL;
  const folder = await mkdtemp(join(tmpdir(), "yunwei-bench-"));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const child = opened.add(new BenchChild(MAIN, [folder]));
  const week: StoredWeek = { series, days, endMs: Date.now() };
  for (let day = 0; day < days; day++) {
    stop?.throwIfAborted();
    await child.ask("fillDay", { week, day });
    tell(`query: day ${day + 1} of ${days} is stored`);
  }
  const rows = await child.ask<Record<string, number>>("settle");
  tell(`query: ${rows["metric_points"]} points, ${rows["metric_5m"]} and ${rows["metric_1h"]} rows of roll-ups, merged`);
  const quiet = await child.ask<QueryTimes>("measure", { week, queries });
  const { busy, perSecond } = await measureUnderLoad(
    child,
    new EndlessFeed(SERIES_OF_FEED, rounds, SEED, Date.now() - BEGIN_BEFORE_MS),
    { week, queries },
    stop,
  );
  tell(`query: ${perSecond.toFixed(0)} points/s were taken in meanwhile`);
  const points = (series * days * 86_400) / STEP_S;
  return queryRows(quiet, busy, perSecond, short ? `${(points / 1e6).toFixed(0)} M points` : undefined);
}

async function measureUnderLoad(child: BenchChild, feed: EndlessFeed, question: object, stop?: AbortSignal): Promise<{ busy: QueryTimes; perSecond: number }> {
  const door = await child.ask<{ otlp: string; ingestToken: string }>("door");
  const target = {
    send: async (body: Uint8Array) => void (await sendOtlp(door, "metrics", body, { compression: "gzip" })),
    lag: () => child.ask<number>("lag"),
  };
  let measuring = true;
  const begun = performance.now();
  const sending = sendWhile(feed, target, () => measuring && stop?.aborted !== true);
  try {
    await sleep(UNDER_WAY_MS, undefined, stop === undefined ? {} : { signal: stop });
    const busy = await Promise.race([child.ask<QueryTimes>("measure", question), sending.then(() => Promise.reject(new Error("the feed has ended")))]);
    measuring = false;
    return { busy, perSecond: ((await sending) / (performance.now() - begun)) * 1000 };
  } finally {
    measuring = false;
    await sending.catch(() => undefined);
  }
}

/** @param note - how many points, where it is not 200 M */
export function queryRows(quiet: QueryTimes, busy: QueryTimes, perSecond: number, note?: string): BenchRow[] {
  return [
    goalRow("query.series_24h_ms", median(busy.series24h), note),
    goalRow("query.sites_7d_ms", median(busy.sites7d), note),
    informative("query.series_24h_p95_ms", p95(busy.series24h), "ms"),
    informative("query.sites_7d_p95_ms", p95(busy.sites7d), "ms"),
    informative("query.series_24h_quiet_ms", median(quiet.series24h), "ms"),
    informative("query.sites_7d_quiet_ms", median(quiet.sites7d), "ms"),
    informative("query.taken_in_per_second", perSecond, "{point}/s"),
  ];
}

function p95(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(0.95 * values.length)] ?? Number.NaN;
}

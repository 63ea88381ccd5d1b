import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { hashOfSecret } from "@yunwei/ingest";
import { loadConfig, tuneProcess } from "@yunwei/service-kit";
import { StandaloneConfig, startDataPlane, takeDataFolder } from "@yunwei/standalone";
import { numberBuckets, openEmbeddedStore, type SeriesRow } from "@yunwei/store";
import { serveParent } from "../../child/serve-parent.ts";
import { fillDay, SITES, type StoredWeek, settleWeek, weekSeries } from "./stored-week.ts";

/*
 * The product's data plane (doors, bus, writer, detection) in its thread, as the standalone starts it, and the store's query functions
 * timed where the product calls them, in the main thread. Argument: a folder.
 */

export interface QueryTimes {
  /** Milliseconds, one a query. */
  readonly series24h: readonly number[];
  readonly sites7d: readonly number[];
}

const DAY_MS = 86_400_000;
const MINUTE_S = 60;
const HOUR_S = 3_600;
/** Metrics that are asked for in turn. */
const ASKED = 12;
const PAUSE_MS = 20;
/** On a slow machine there are fewer queries rather than a run without an end. */
const LONGEST_MS = 45_000;
const FEWEST = 20;

tuneProcess();
const { release, ...folder } = await takeDataFolder(process.argv[2]!);
const config = loadConfig(StandaloneConfig, {
  YUNWEI_OTLP_PORT: "0",
  YUNWEI_GRPC_PORT: "0",
  YUNWEI_SELF_TELEMETRY: "false",
  YUNWEI_LOG: "stderr",
  YUNWEI_LOG_LEVEL: "error",
});
const ingestToken = randomBytes(16).toString("hex");
const tokens = [{ id: "bench", sha256: hashOfSecret(ingestToken), site: "local" }];
const plane = startDataPlane(
  { config, folder, exactPorts: { otlp: false, grpc: false }, tokens, localSecret: ingestToken, version: "bench" },
  {
    writeLog: () => undefined,
    onEnd: (error) => {
      throw error;
    },
  },
);
const otlp = await plane.calls.openDoor();
await plane.calls.openEngines();
await plane.calls.openServices();
const store = await openEmbeddedStore({ folder: folder.clickhouse, guardsParts: false });

async function measure({ week, queries }: { readonly week: StoredWeek; readonly queries: number }): Promise<QueryTimes> {
  const metrics = Math.floor(week.series / SITES);
  const asked = await Promise.all(
    Array.from({ length: ASKED }, async (_, i) => {
      const first = Math.floor((i * metrics) / ASKED) * SITES;
      return Promise.all(Array.from({ length: SITES }, (_, site) => weekSeries(store, first + site)));
    }),
  );
  const day = { fromMs: week.endMs - DAY_MS, untilMs: week.endMs, stepSeconds: MINUTE_S };
  const all = { fromMs: week.endMs - week.days * DAY_MS, untilMs: week.endMs, stepSeconds: HOUR_S };
  const one = (sites: readonly SeriesRow[]) => numberBuckets(store, sites.slice(0, 1), "mean", "metric_points", day);
  const every = (sites: readonly SeriesRow[]) => numberBuckets(store, sites, "mean", "metric_1h", all);
  for (const sites of asked) {
    const minutes = (await one(sites))[0]!.values.length;
    const hours = (await every(sites)).map(({ values }) => values.length);
    if (minutes < DAY_MS / 60_000 - 1 || Math.min(...hours) < 24 * week.days - 1) throw new Error("the stored week has holes");
  }
  const times = { series24h: [] as number[], sites7d: [] as number[] };
  const begun = performance.now();
  for (let query = 0; query < queries && (query < FEWEST || performance.now() - begun < LONGEST_MS); query++) {
    times.series24h.push(await timed(() => one(asked[query % ASKED]!)));
    times.sites7d.push(await timed(() => every(asked[query % ASKED]!)));
    await sleep(PAUSE_MS);
  }
  return times;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

async function close(): Promise<void> {
  await plane.close();
  await store.close();
  await release();
}

serveParent(
  {
    door: () => ({ otlp, ingestToken }),
    fillDay: ({ week, day }: { week: StoredWeek; day: number }) => fillDay(store, week, day),
    settle: () => settleWeek(store),
    lag: () => plane.calls.lag(),
    measure,
  },
  close,
);

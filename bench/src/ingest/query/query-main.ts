import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createAnomaly } from "@yunwei/anomaly";
import { openEmbeddedBus } from "@yunwei/bus";
import { createIngest, hashOfSecret } from "@yunwei/ingest";
import { RequestReader } from "@yunwei/otlp";
import { TOPICS } from "@yunwei/schemas";
import { createLogger, tuneProcess } from "@yunwei/service-kit";
import { numberBuckets, type SeriesRow } from "@yunwei/store";
import { serveParent } from "../../child/serve-parent.ts";
import { openMigratedStore } from "../engine/open-migrated-store.ts";
import { fillDay, SITES, type StoredWeek, settleWeek, weekSeries } from "./stored-week.ts";

/*
 * The product's hot path (doors, bus, writer, detection) with its store in one process, as the standalone composes it, so that
 * the store's query functions can be timed where the product calls them. Argument: a folder.
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
const folder = process.argv[2]!;
const [nowMs, logger] = [Date.now, createLogger("bench", "error")];
const secret = randomBytes(16).toString("hex");
const store = await openMigratedStore(join(folder, "clickhouse"));
const bus = await openEmbeddedBus({ folder: join(folder, "bus") });
await bus.ensureTopics(TOPICS);
const reader = new RequestReader(2);
const ingest = await createIngest({ bus, store, reader, logger, nowMs, tokens: [{ id: "bench", sha256: hashOfSecret(secret), site: "local" }] });
const anomaly = await createAnomaly({ bus, store, reader, logger, dataFolder: folder, nowMs });
ingest.server.listen(0, "127.0.0.1");
await once(ingest.server, "listening");

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
  ingest.server.closeAllConnections();
  ingest.server.close();
  await ingest.grpc.close();
  await anomaly.close();
  await ingest.close();
  await bus.close();
  await store.close();
}

serveParent(
  {
    door: () => ({ otlp: `http://127.0.0.1:${(ingest.server.address() as AddressInfo).port}`, ingestToken: secret }),
    fillDay: ({ week, day }: { week: StoredWeek; day: number }) => fillDay(store, week, day),
    settle: () => settleWeek(store),
    lag: () => ingest.lag(),
    measure,
  },
  close,
);

import { metricSignal } from "@yunwei/ingest";
import { type MetricDecoding, RequestReader, type StreamIdentity } from "@yunwei/otlp";
import { seededRandom } from "@yunwei/series";
import { encodeBlock, type Store } from "@yunwei/store";
import { serveParent } from "../child/serve-parent.ts";
import { COLLECTION_MS, MetricFleet } from "../payloads/metric-fleet.ts";
import { bytesAfterMerges } from "./engine/bytes-after-merges.ts";
import type { TableBytes } from "./engine/engine-side.ts";
import { openMigratedStore } from "./engine/open-migrated-store.ts";

/* Hours of metrics stored by the writer's blocks, in a process of its own. Argument: a folder. */

const SEED = 41;
const BATCH_POINTS = 500_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const TABLES = ["metric_points", "metric_hist", "metric_5m", "metric_1h"];
let store: Store | undefined;

async function measure({ series, hours }: { readonly series: number; readonly hours: number }): Promise<Record<string, TableBytes>> {
  store = await openMigratedStore(process.argv[2]!);
  const tables = metricSignal(store, Date.now);
  const reader = new RequestReader(1);
  // Whole hours of yesterday: one partition.
  const firstMs = Math.floor(Date.now() / DAY_MS) * DAY_MS - DAY_MS;
  const identity: StreamIdentity = { source: "bench", site: "local", tier: "", department: "", receivedMs: Date.now() };
  const fleet = new MetricFleet(series, seededRandom(SEED), firstMs);
  let batch: { decoded: MetricDecoding; receivedMs: number }[] = [];
  let points = 0;
  const flush = async (): Promise<void> => {
    for (const { table, columns } of tables.blocks(batch)) {
      if (Object.values(columns)[0]!.rows > 0) await store!.insertNative(table, Object.keys(columns), encodeBlock(columns));
    }
    batch = [];
    points = 0;
  };
  for (let atMs = firstMs; atMs < firstMs + hours * HOUR_MS; atMs += COLLECTION_MS) {
    for (const { body, items } of fleet.round(atMs)) {
      batch.push({ decoded: reader.decode("metrics", body, identity), receivedMs: identity.receivedMs });
      points += items;
    }
    if (points >= BATCH_POINTS) await flush();
  }
  await flush();
  return bytesAfterMerges(store, TABLES);
}

serveParent({ measure }, async () => store?.close());

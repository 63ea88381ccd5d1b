import { metricSignal } from "@yunwei/ingest";
import { RequestReader, type StreamIdentity } from "@yunwei/otlp";
import { encodeBlock, type Store } from "@yunwei/store";
import { serveParent } from "../child/serve-parent.ts";
import { median } from "../median.ts";
import { otlpTraffic } from "../payloads/otlp-payloads.ts";
import { openMigratedStore } from "./engine/open-migrated-store.ts";

/* Two ways to insert the same points, in a process of its own. Argument: a folder. */

export interface PresortedCosts {
  readonly rows: number;
  /** CPU microseconds a row, the middle turn. */
  readonly presortedUs: number;
  readonly engineUs: number;
}

const SEED = 31;
const POINTS_PER_REQUEST = 1_600;
let store: Store | undefined;

async function measure({ rows, turns }: { readonly rows: number; readonly turns: number }): Promise<PresortedCosts> {
  store = await openMigratedStore(process.argv[2]!);
  const { columns, block, count } = pointsInOrder(store, rows);
  const names = columns.join(", ");
  await store.insertNative("metric_points", columns, block);
  // As they came: by time, machine after machine, metric after metric.
  await store.command(`CREATE TABLE as_they_came ENGINE = Memory AS SELECT ${names} FROM metric_points ORDER BY ts, entity_id, metric, series_id`);
  await store.command("SYSTEM STOP MERGES metric_points");
  const costs = { presorted: [] as number[], engine: [] as number[] };
  for (let turn = 0; turn <= turns; turn++) {
    await store.command("TRUNCATE TABLE metric_points");
    const presorted = await costOf(() => store!.insertNative("metric_points", columns, block, { token: `presorted ${turn}` }));
    await store.command("TRUNCATE TABLE metric_points");
    const engine = await costOf(() =>
      store!.command(`INSERT INTO metric_points (${names}) SELECT ${names} FROM as_they_came SETTINGS insert_deduplication_token = 'engine ${turn}'`),
    );
    const [stored] = await store.query<{ rows: string }>("SELECT count() AS rows FROM metric_points");
    if (Number(stored!.rows) !== count) throw new Error(`the engine has ${stored!.rows} rows of ${count}`);
    if (turn === 0) continue; // warms up
    costs.presorted.push(presorted / count);
    costs.engine.push(engine / count);
  }
  return { rows: count, presortedUs: median(costs.presorted), engineUs: median(costs.engine) };
}

function pointsInOrder(into: Store, rows: number): { columns: readonly string[]; block: readonly Uint8Array[]; count: number } {
  const nowMs = Date.now();
  const reader = new RequestReader(1);
  const identity: StreamIdentity = { source: "bench", site: "local", tier: "", department: "", receivedMs: nowMs };
  const messages = [];
  for (const { body } of otlpTraffic("metrics", Math.ceil(rows / POINTS_PER_REQUEST), SEED, nowMs)) {
    messages.push({ decoded: reader.decode("metrics", body, identity), receivedMs: nowMs });
  }
  const { columns } = metricSignal(into, Date.now)
    .blocks(messages)
    .find(({ table }) => table === "metric_points")!;
  return { columns: Object.keys(columns), block: encodeBlock(columns), count: Object.values(columns)[0]!.rows };
}

/** CPU microseconds of this process. */
async function costOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

serveParent({ measure }, async () => store?.close());

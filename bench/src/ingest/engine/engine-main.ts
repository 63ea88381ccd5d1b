import { gunzipSync } from "node:zlib";
import { logSignal, metricSignal, type SignalTables, spanSignal } from "@yunwei/ingest";
import { RequestReader, type StreamIdentity } from "@yunwei/otlp";
import { encodeBlock, type Store } from "@yunwei/store";
import { serveParent } from "../../child/serve-parent.ts";
import { readPayloads } from "../../payloads/payload-file.ts";
import { bytesAfterMerges } from "./bytes-after-merges.ts";
import type { EngineJob } from "./engine-side.ts";
import { openMigratedStore } from "./open-migrated-store.ts";

/* The engine alone (engine-side.ts). */

interface ReadyBlock {
  readonly table: string;
  readonly columns: readonly string[];
  readonly block: Uint8Array;
}

interface Share {
  items: number;
  readonly blocks: ReadyBlock[];
}

type Message = Parameters<SignalTables["blocks"]>[0][number];

let store: Store | undefined;
let shares: Share[] = [];

async function prepare({ signal, folder, file, requests, batchItems }: EngineJob): Promise<void> {
  store = await openMigratedStore(folder);
  const tables = (
    signal === "metrics" ? metricSignal(store, Date.now) : signal === "logs" ? logSignal(store, Date.now) : spanSignal(store, Date.now)
  ) as SignalTables;
  const reader = new RequestReader(1);
  const identity: StreamIdentity = { source: "bench", site: "local", tier: "", department: "", receivedMs: Date.now() };
  shares = requests.map(() => ({ items: 0, blocks: [] }));
  let batch: Message[] = [];
  let batched = 0;
  let share = 0;
  let left = requests[0]!;
  const cut = async (): Promise<void> => {
    if (batched > 0) shares[share]!.blocks.push(...(await readyBlocks(tables, batch)));
    shares[share]!.items += batched;
    batch = [];
    batched = 0;
  };
  for await (const { body, items } of readPayloads(file)) {
    batch.push({ decoded: reader.decode(signal, gunzipSync(body), identity), receivedMs: identity.receivedMs });
    batched += items;
    left--;
    if (batched >= batchItems || left === 0) await cut();
    if (left === 0) left = requests[++share] ?? Number.POSITIVE_INFINITY;
  }
}

/** What the writer would insert of a batch; the catalogue is stored meanwhile, as it is once a day. */
async function readyBlocks(tables: SignalTables, batch: readonly Message[]): Promise<ReadyBlock[]> {
  await tables.announce(batch);
  return [...tables.blocks(batch), ...(tables.joined?.(batch) ?? [])]
    .filter(({ columns }) => Object.values(columns)[0]!.rows > 0)
    .map(({ table, columns }) => ({ table, columns: Object.keys(columns), block: encodeBlock(columns) }));
}

async function insert(share: number): Promise<{ items: number; seconds: number }> {
  const { items, blocks } = shares[share]!;
  const begun = performance.now();
  for (const [index, { table, columns, block }] of blocks.entries()) await store!.insertNative(table, columns, block, { token: `${share}:${index}` });
  blocks.length = 0; // inserted once
  return { items, seconds: (performance.now() - begun) / 1000 };
}

serveParent({ prepare, insert, bytesPerRow: (tables: readonly string[]) => bytesAfterMerges(store!, tables) }, async () => store?.close());

import { gunzipSync } from "node:zlib";
import { logSignal, metricSignal, type SignalTables, spanSignal } from "@yunwei/ingest";
import { RequestReader, type StreamIdentity } from "@yunwei/otlp";
import type { Signal } from "@yunwei/schemas";
import { encodeBlock, type Store } from "@yunwei/store";
import { serveParent } from "../../child/serve-parent.ts";
import type { Payload } from "../../payloads/payload.ts";
import { readPayloads } from "../../payloads/payload-file.ts";
import { bytesAfterMerges } from "./bytes-after-merges.ts";
import type { EngineJob } from "./engine-side.ts";
import { openMigratedStore } from "./open-migrated-store.ts";

/* The engine alone (engine-side.ts). */

interface ReadyBlock {
  readonly table: string;
  readonly columns: readonly string[];
  readonly block: readonly Uint8Array[];
}

type Message = Parameters<SignalTables["blocks"]>[0][number];

/** What is open: one signal of one store. */
class Engine {
  readonly store: Store;
  readonly #signal: Signal;
  readonly #tables: SignalTables;
  readonly #reader = new RequestReader(1);
  readonly #payloads: AsyncIterator<Payload>;
  readonly #requests: number[];
  #items = 0;
  #blocks: ReadyBlock[] = [];
  #inserted = 0;

  constructor(store: Store, { signal, file, requests }: EngineJob) {
    this.store = store;
    this.#signal = signal;
    this.#tables = (signal === "metrics" ? metricSignal : signal === "logs" ? logSignal : spanSignal)(store, Date.now) as SignalTables;
    this.#payloads = readPayloads(file);
    this.#requests = [...requests];
  }

  /** Makes the blocks of the next share. */
  async prepareNext(batchItems: number): Promise<void> {
    this.#items = 0;
    let batch: Message[] = [];
    let batched = 0;
    for (let left = this.#requests.shift() ?? 0; left > 0; left--) {
      const next = await this.#payloads.next();
      if (next.done === true) throw new Error("there are fewer payloads than were promised");
      const { body, items } = next.value;
      const identity: StreamIdentity = { source: "bench", site: "local", tier: "", department: "", receivedMs: Date.now() };
      batch.push({ decoded: this.#reader.decode(this.#signal, gunzipSync(body), identity), receivedMs: identity.receivedMs });
      batched += items;
      if (batched < batchItems && left > 1) continue;
      this.#blocks.push(...(await readyBlocks(this.#tables, batch)));
      this.#items += batched;
      batch = [];
      batched = 0;
    }
  }

  async insert(): Promise<{ items: number; seconds: number }> {
    const begun = performance.now();
    for (const { table, columns, block } of this.#blocks) await this.store.insertNative(table, columns, block, { token: String(this.#inserted++) });
    this.#blocks = [];
    return { items: this.#items, seconds: (performance.now() - begun) / 1000 };
  }
}

/** What the writer would insert of a batch; the catalogue is stored meanwhile, as it is once a day. */
async function readyBlocks(tables: SignalTables, batch: readonly Message[]): Promise<ReadyBlock[]> {
  await tables.announce(batch);
  return [...tables.blocks(batch), ...(tables.joined?.(batch) ?? [])]
    .filter(({ columns }) => Object.values(columns)[0]!.rows > 0)
    .map(({ table, columns }) => ({ table, columns: Object.keys(columns), block: [Buffer.concat(encodeBlock(columns))] }));
}

let engine: Engine | undefined;

serveParent(
  {
    async open(job: EngineJob) {
      engine = new Engine(await openMigratedStore(job.folder), job);
    },
    prepareNext: (batchItems: number) => engine!.prepareNext(batchItems),
    insert: () => engine!.insert(),
    bytesPerRow: (tables: readonly string[]) => bytesAfterMerges(engine!.store, tables),
  },
  async () => engine?.store.close(),
);

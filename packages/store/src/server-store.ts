import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { type ClickHouseClient, type ClickHouseSettings, createClient } from "@clickhouse/client";
import { YunweiError } from "@yunwei/schemas";
import { insertError, storeError } from "./engine-error.ts";
import { identifier } from "./identifier.ts";
import type { InsertOptions, QueryParameters, Store } from "./store.ts";

export interface ServerStoreOptions {
  /** Address of ClickHouse's HTTP interface, e.g. `http://10.0.0.5:8123`. */
  readonly url: string;
  /** Default `default`. */
  readonly username?: string;
  /** A file that holds the password and nothing else; the end of its line is not part of it. Default: no password. */
  readonly passwordFile?: string;
  /** Created when it is not there and we may. Default `yunwei`. */
  readonly database?: string;
  /** How long the server may be away while opening; default 30 s. */
  readonly patienceMs?: number;
  /** A statement without an answer after this long is given up; it may still happen, and the same token makes its repetition harmless. Default 120 s. */
  readonly requestTimeoutMs?: number;
}

const DEFAULTS = { username: "default", database: "yunwei", patienceMs: 30_000, requestTimeoutMs: 120_000 };
const RETRY_MS = 250;
const UNKNOWN_DATABASE = 81;
/** Below the 3 s after which old servers close an idle connection: a socket that the server is just closing must not be taken for a new statement. */
const IDLE_SOCKET_MS = 2_000;
const MAX_CONNECTIONS = 16;

const READ: ClickHouseSettings = { output_format_json_quote_64bit_integers: 1, wait_end_of_query: 1 };

/** A batch must land as one block per partition, as with EmbeddedStore: a retry after a crash would cut other blocks and be taken for new data. */
const ONE_BLOCK: ClickHouseSettings = {
  max_insert_threads: "1",
  materialize_skip_indexes_on_insert: "0",
  optimize_on_insert: 0,
  max_insert_block_size: "4000000",
  min_insert_block_size_rows: "100000000",
  min_insert_block_size_bytes: "0",
  async_insert: 0,
  insert_deduplicate: 1,
  deduplicate_blocks_in_dependent_materialized_views: 1,
  max_partitions_per_insert_block: "400",
  wait_end_of_query: 1,
};

/**
 * Opens ClickHouse on a server over HTTP.
 * @throws YunweiError YUNWEI_STORE_UNAVAILABLE when it does not answer in time, YUNWEI_STORE_REFUSED when it knows neither user nor database,
 * YUNWEI_CONFIG_INVALID when the password file cannot be read
 */
export async function openServerStore(options: ServerStoreOptions): Promise<Store> {
  const { patienceMs, database, ...connection } = { ...DEFAULTS, ...options };
  identifier(database);
  const common = {
    url: connection.url,
    username: connection.username,
    password: options.passwordFile === undefined ? "" : passwordIn(options.passwordFile),
    application: "yunwei",
    request_timeout: connection.requestTimeoutMs,
    max_open_connections: MAX_CONNECTIONS,
    keep_alive: { enabled: true, idle_socket_ttl: IDLE_SOCKET_MS },
    compression: { request: false, response: false },
    log: { level: 127 as const },
  };
  const store = new ServerStore(createClient({ ...common, database }));
  try {
    await patiently(patienceMs, () => enter(store, database, () => createClient({ ...common, database: "default" })));
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

function passwordIn(path: string): string {
  try {
    return readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    throw new YunweiError(
      "YUNWEI_CONFIG_INVALID",
      `the password file of ClickHouse cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}

/** Looks first and creates second: a user that may not create databases can still use one that is there. */
async function enter(store: ServerStore, database: string, openDefault: () => ClickHouseClient): Promise<void> {
  try {
    await store.query("SELECT 1");
  } catch (error) {
    const known = storeError(error);
    if ((known.details as { engineCode?: number } | undefined)?.engineCode !== UNKNOWN_DATABASE) throw known;
    const client = openDefault();
    try {
      await client.command({ query: `CREATE DATABASE IF NOT EXISTS ${identifier(database)}` });
    } catch (refused) {
      throw storeError(refused);
    } finally {
      await client.close();
    }
  }
}

async function patiently(patienceMs: number, work: () => Promise<void>): Promise<void> {
  const deadlineMs = Date.now() + patienceMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!storeError(error).retryable || Date.now() > deadlineMs) throw storeError(error);
      await sleep(RETRY_MS);
    }
  }
}

/** ClickHouse behind its HTTP interface. Outside bytes travel as the body of an INSERT, never inside a statement. */
class ServerStore implements Store {
  readonly #client: ClickHouseClient;
  /** Statements under way: a close waits for them. */
  readonly #running = new Set<Promise<unknown>>();
  #closed: Promise<void> | undefined;

  constructor(client: ClickHouseClient) {
    this.#client = client;
  }

  query<Row = Record<string, unknown>>(sql: string, parameters: QueryParameters = {}): Promise<Row[]> {
    return this.#run(async () => {
      const answer = await this.#client.query({ query: sql, query_params: parameters, format: "JSONEachRow", clickhouse_settings: READ });
      return answer.json<Row>();
    });
  }

  command(sql: string, parameters: QueryParameters = {}): Promise<void> {
    return this.#run(async () => {
      await this.#client.command({ query: sql, query_params: parameters, clickhouse_settings: { wait_end_of_query: 1 } });
    });
  }

  async insertNative(table: string, columns: readonly string[], block: readonly Uint8Array[], options: InsertOptions = {}): Promise<void> {
    try {
      await this.#insert(table, columns, "Native", block, options);
    } catch (error) {
      throw error instanceof RangeError ? error : insertError(error);
    }
  }

  async insertRows(table: string, rows: readonly Readonly<Record<string, unknown>>[], options: InsertOptions = {}): Promise<void> {
    const first = rows[0];
    if (first === undefined) return;
    const text = rows.map((row) => JSON.stringify(row)).join("\n");
    await this.#insert(table, Object.keys(first), "JSONEachRow", [Buffer.from(text, "utf8")], options);
  }

  async #insert(
    table: string,
    columns: readonly string[],
    format: "Native" | "JSONEachRow",
    body: readonly Uint8Array[],
    options: InsertOptions,
  ): Promise<void> {
    const query = `INSERT INTO ${identifier(table)} (${columns.map(identifier).join(", ")}) FORMAT ${format}`;
    const settings = options.token === undefined ? ONE_BLOCK : { ...ONE_BLOCK, insert_deduplication_token: options.token };
    await this.#run(async () => {
      const { stream } = await this.#client.exec({ query, values: Readable.from(body, { objectMode: false }), clickhouse_settings: settings });
      for await (const _ of stream); // to the end: only then is the socket free, and the answer whole
    });
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed !== undefined) throw new YunweiError("YUNWEI_STORE_UNAVAILABLE", "the store is closing; try again");
    const running = work();
    this.#running.add(running);
    try {
      return await running;
    } catch (error) {
      throw storeError(error);
    } finally {
      this.#running.delete(running);
    }
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      await Promise.allSettled(this.#running);
      await this.#client.close();
    })();
    return this.#closed;
  }
}

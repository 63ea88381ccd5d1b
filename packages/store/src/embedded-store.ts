import { mkdirSync } from "node:fs";
import { mkdtemp, open, rm, statfs, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { YunweiError } from "@yunwei/schemas";
import { Session } from "chdb";
import { insertError, storeError } from "./engine-error.ts";
import { identifier } from "./identifier.ts";
import { PartGuard } from "./part-guard.ts";
import { SoundInserts } from "./sound-inserts.ts";
import type { InsertOptions, QueryParameters, Store } from "./store.ts";

export interface EmbeddedStoreOptions {
  /** ClickHouse's own folder; one process at a time. */
  readonly folder: string;
  /** Statements that may run beside each other; default 2 for writes and 3 for reads. */
  readonly writers?: number;
  readonly readers?: number;
  /** Told of parts that a full disk has spoilt, and of what cannot be looked at; default: silence. */
  readonly onTrouble?: (message: string) => void;
  /** Whether merged parts are watched (PartGuard); default true. Of several stores of one process on a folder, one does. */
  readonly guardsParts?: boolean;
}

/** Name of the database that holds our tables. */
const DATABASE = "yunwei";
const MEMORY_FOLDER = "/dev/shm";

/**
 * A batch must land as one block per partition, or a retry after a crash would cut other blocks and be taken for new data. Its rows are
 * stored as they come (optimize_on_insert): the writer has summed them up, merges do the rest, and looking for more costs a third of an insert of roll-ups.
 */
const ONE_BLOCK =
  "max_insert_threads = 1, max_threads = 1, max_block_size = 4000000, min_insert_block_size_rows = 100000000, min_insert_block_size_bytes = 0, async_insert = 0, insert_deduplicate = 1, deduplicate_blocks_in_dependent_materialized_views = 1, max_partitions_per_insert_block = 400, materialize_skip_indexes_on_insert = 0, optimize_on_insert = 0";

/**
 * Opens ClickHouse inside this process; threads of it may each open the same folder, the engine is one. @throws YunweiError YUNWEI_ENGINE_FAILED with what to do when the folder cannot be used
 */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<Store> {
  try {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    const store = new EmbeddedStore(options.folder, await exchangeFolder(), options);
    await store.command(`CREATE DATABASE IF NOT EXISTS ${DATABASE}`);
    await store.enterDatabase();
    return store;
  } catch (error) {
    throw new YunweiError(
      "YUNWEI_ENGINE_FAILED",
      `ClickHouse cannot open ${options.folder}: ${error instanceof Error ? error.message : String(error)}. If another Yunwei uses it, stop that one; if the disk is damaged, restore the folder from a backup.`,
      { cause: error },
    );
  }
}

/** Where blocks are handed over: memory when there is a memory file system, else the system's temporary folder. */
async function exchangeFolder(): Promise<string> {
  try {
    const { bavail, bsize } = await statfs(MEMORY_FOLDER);
    if (bavail * bsize > 512 * 1024 * 1024) return await mkdtemp(join(MEMORY_FOLDER, "yunwei-"));
  } catch {
    // no memory file system here: the temporary folder serves
  }
  return mkdtemp(join(tmpdir(), "yunwei-"));
}

/** One embedded session runs one statement at a time: a lane keeps its own queue. */
class Lane {
  readonly session: Session;
  #tail: Promise<unknown> = Promise.resolve();
  waiting = 0;

  constructor(folder: string) {
    this.session = new Session(folder);
  }

  run<T>(work: (session: Session) => Promise<T>): Promise<T> {
    this.waiting++;
    const result = this.#tail.then(() => work(this.session));
    this.#tail = result.then(
      () => void this.waiting--,
      () => void this.waiting--,
    );
    return result;
  }

  async idle(): Promise<void> {
    await this.#tail;
  }
}

/** ClickHouse in process (chdb). Outside bytes never travel inside a statement: they go through a file (design §4, a test holds that door shut). */
class EmbeddedStore implements Store {
  readonly #exchange: string;
  readonly #guard: PartGuard | undefined;
  readonly #inserts: SoundInserts;
  readonly #writers: Lane[];
  readonly #readers: Lane[];
  #files = 0;
  #closed: Promise<void> | undefined;

  constructor(folder: string, exchange: string, { writers = 2, readers = 3, onTrouble = () => undefined, guardsParts = true }: EmbeddedStoreOptions) {
    this.#exchange = exchange;
    this.#guard = guardsParts ? new PartGuard({ store: this, onTrouble }) : undefined;
    this.#inserts = new SoundInserts({ store: this, folder, onTrouble });
    this.#writers = Array.from({ length: writers }, () => new Lane(folder));
    this.#readers = Array.from({ length: readers }, () => new Lane(folder));
  }

  async enterDatabase(): Promise<void> {
    for (const lane of [...this.#writers, ...this.#readers]) {
      await lane.run((session) => session.queryAsync(`USE ${DATABASE}`));
      await lane.run((session) => session.queryAsync("SET output_format_json_quote_64bit_integers = 1"));
    }
  }

  async query<Row = Record<string, unknown>>(sql: string, parameters: QueryParameters = {}): Promise<Row[]> {
    const text = await this.#on(this.#readers, async (session) => {
      const options = { format: "JSONEachRow" };
      const result = Object.keys(parameters).length === 0 ? await session.queryAsync(sql, options) : await session.queryBindAsync(sql, parameters, options);
      return result.text();
    });
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Row);
  }

  async command(sql: string, parameters: QueryParameters = {}): Promise<void> {
    await this.#on(this.#writers, (session) => (Object.keys(parameters).length === 0 ? session.queryAsync(sql) : session.queryBindAsync(sql, parameters)));
  }

  async insertNative(table: string, columns: readonly string[], block: readonly Uint8Array[], options: InsertOptions = {}): Promise<void> {
    try {
      await this.#insertFile(table, columns, block, "Native", options);
    } catch (error) {
      throw error instanceof RangeError ? error : insertError(error);
    }
  }

  async insertRows(table: string, rows: readonly Readonly<Record<string, unknown>>[], options: InsertOptions = {}): Promise<void> {
    const first = rows[0];
    if (first === undefined) return;
    const text = rows.map((row) => JSON.stringify(row)).join("\n");
    await this.#insertFile(table, Object.keys(first), [Buffer.from(text, "utf8")], "JSONEachRow", options);
  }

  async #insertFile(
    table: string,
    columns: readonly string[],
    pieces: readonly Uint8Array[],
    format: "Native" | "JSONEachRow",
    options: InsertOptions,
  ): Promise<void> {
    const path = join(this.#exchange, `${this.#files++}.block`);
    try {
      await writePieces(path, pieces);
      const names = columns.map(identifier).join(", ");
      const settings = options.token === undefined ? ONE_BLOCK : `${ONE_BLOCK}, insert_deduplication_token = ${literal(options.token)}`;
      const source =
        format === "Native" ? `file(${literal(path)}, 'Native')` : `file(${literal(path)}, 'JSONEachRow', ${literal(await this.#structure(table, columns))})`;
      const statement = `INSERT INTO ${identifier(table)} (${names}) SELECT ${names} FROM ${source} SETTINGS ${settings}`;
      await this.#inserts.run(table, () => this.#on(this.#writers, async (session) => void (await session.queryAsync(statement))));
    } finally {
      await unlink(path).catch(() => undefined);
    }
  }

  readonly #structures = new Map<string, Map<string, string>>();

  /** Types of the columns, so that JSON text is read as what the table wants. */
  async #structure(table: string, columns: readonly string[]): Promise<string> {
    let types = this.#structures.get(table);
    if (types === undefined) {
      const rows = await this.query<{ name: string; type: string }>(
        "SELECT name, type FROM system.columns WHERE database = {database:String} AND table = {table:String}",
        { database: DATABASE, table },
      );
      types = new Map(rows.map(({ name, type }) => [name, type]));
      this.#structures.set(table, types);
    }
    return columns
      .map((column) => {
        const type = types.get(column);
        if (type === undefined) throw new YunweiError("YUNWEI_STORE_REFUSED", `table ${table} has no column ${column}`);
        return `${identifier(column)} ${type}`;
      })
      .join(", ");
  }

  async #on<T>(lanes: readonly Lane[], work: (session: Session) => Promise<T>): Promise<T> {
    if (this.#closed !== undefined) throw new YunweiError("YUNWEI_STORE_UNAVAILABLE", "the store is closing; try again");
    const lane = lanes.reduce((least, other) => (other.waiting < least.waiting ? other : least));
    try {
      return await lane.run(work);
    } catch (error) {
      throw storeError(error);
    }
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      this.#guard?.stop();
      const lanes = [...this.#writers, ...this.#readers];
      for (const lane of lanes) await lane.idle();
      for (const lane of lanes) lane.session.close();
      await rm(this.#exchange, { recursive: true, force: true });
    })();
    return this.#closed;
  }
}

/** As many pieces as one call of the system takes (IOV_MAX of Linux). */
const MOST_PIECES = 1024;

/** Writes a new file that only its owner may read. */
async function writePieces(path: string, pieces: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    let rest = pieces.filter(({ length }) => length > 0);
    while (rest.length > 0) {
      const { bytesWritten } = await file.writev(rest.slice(0, MOST_PIECES));
      rest = behind(rest, bytesWritten);
    }
  } finally {
    await file.close();
  }
}

/** What is left of the pieces behind so many bytes. */
function behind(pieces: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let left = bytes;
  let whole = 0;
  while (whole < pieces.length && left >= pieces[whole]!.length) left -= pieces[whole++]!.length;
  return left === 0 ? pieces.slice(whole) : [pieces[whole]!.subarray(left), ...pieces.slice(whole + 1)];
}

function literal(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

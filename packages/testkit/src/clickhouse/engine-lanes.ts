import { mkdtemp, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Session } from "chdb";
import type { HttpStatement } from "./http-statement.ts";

const LANES = 5;
/** A server takes a body in blocks of `max_insert_block_size` rows; a file is read in blocks of these settings. */
const AS_A_BODY = "max_threads = 1, max_block_size = 4000000";

type Insert = Extract<HttpStatement, { kind: "insert" }>;
type Statement = Extract<HttpStatement, { kind: "statement" }>;

interface Lane {
  readonly session: Session;
  database: string;
  tail: Promise<unknown>;
  waiting: number;
}

/** The embedded engine behind the HTTP interface: some sessions, each with one statement at a time. */
export class EngineLanes {
  readonly #lanes: Lane[];
  readonly #exchange: string;
  #files = 0;

  private constructor(folder: string, exchange: string) {
    this.#exchange = exchange;
    this.#lanes = Array.from({ length: LANES }, () => ({ session: new Session(folder), database: "default", tail: Promise.resolve(), waiting: 0 }));
  }

  static async open(folder: string): Promise<EngineLanes> {
    const lanes = new EngineLanes(folder, await mkdtemp(join(tmpdir(), "yunwei-exchange-")));
    for (const lane of lanes.#lanes) await lane.session.queryAsync("SET output_format_json_quote_64bit_integers = 1");
    return lanes;
  }

  /** The result as text in the format that was asked for. */
  statement({ database, sql, format, parameters }: Statement): Promise<string> {
    return this.#on(database, async ({ session }) => {
      const bound = Object.keys(parameters).length > 0;
      const result = bound ? await session.queryBindAsync(sql, parameters, { format }) : await session.queryAsync(sql, { format });
      return result.text();
    });
  }

  /** Outside bytes go through a file, never through a statement (design §4). */
  insert({ database, table, columns, format, settings }: Insert, data: Uint8Array): Promise<void> {
    return this.#on(database, async ({ session }) => {
      const path = join(this.#exchange, `${this.#files++}.block`);
      try {
        await writeFile(path, data);
        const names = columns.map((name) => `\`${name}\``).join(", ");
        const source =
          format === "Native"
            ? `file('${path}', 'Native')`
            : `file('${path}', 'JSONEachRow', ${literal(await structureOf(session, database, table, columns))})`;
        const sent = Object.entries(settings).map(([name, value]) => `, ${name} = ${literal(value)}`);
        await session.queryAsync(`INSERT INTO \`${table}\` (${names}) SELECT ${names} FROM ${source} SETTINGS ${AS_A_BODY}${sent.join("")}`);
      } finally {
        await unlink(path).catch(() => undefined);
      }
    });
  }

  #on<T>(database: string, work: (lane: Lane) => Promise<T>): Promise<T> {
    const lane = this.#lanes.reduce((least, other) => (other.waiting < least.waiting ? other : least));
    lane.waiting++;
    const result = lane.tail.then(async () => {
      if (lane.database !== database) {
        await lane.session.queryAsync(`USE \`${database.replaceAll("`", "")}\``);
        lane.database = database;
      }
      return work(lane);
    });
    lane.tail = result.then(
      () => void lane.waiting--,
      () => void lane.waiting--,
    );
    return result;
  }

  async close(): Promise<void> {
    for (const lane of this.#lanes) await lane.tail;
    for (const lane of this.#lanes) lane.session.close();
    await rm(this.#exchange, { recursive: true, force: true });
  }
}

/** Types of the columns as the table has them. @throws Error in ClickHouse's form for a table or column that is not there */
async function structureOf(session: Session, database: string, table: string, columns: readonly string[]): Promise<string> {
  const sql = "SELECT name, type FROM system.columns WHERE database = {database:String} AND table = {table:String}";
  const text = (await session.queryBindAsync(sql, { database, table }, { format: "JSONEachRow" })).text();
  const types = new Map(
    text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as { name: string; type: string })
      .map(({ name, type }) => [name, type]),
  );
  return columns
    .map((name) => {
      const type = types.get(name);
      if (type === undefined) throw new Error(`Code: 16. DB::Exception: No such column ${name} in table ${database}.${table}. (NO_SUCH_COLUMN_IN_TABLE)`);
      return `\`${name}\` ${type}`;
    })
    .join(", ");
}

function literal(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

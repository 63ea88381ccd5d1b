import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { YunweiError } from "@yunwei/schemas";
import type { Queryable, State } from "./state.ts";

const FILE_NAME = /^\d{4}_[a-z0-9_]+\.sql$/;
const TABLE = `CREATE TABLE IF NOT EXISTS schema_migration (
  name text PRIMARY KEY,
  sha256 text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
)`;
/** Any number that nobody else takes in this database: "yunwei" in ASCII. */
const TABLE_LOCK = 0x79756e776569;

interface Migration {
  readonly name: string;
  readonly sha256: string;
  readonly sql: string;
}

/**
 * Brings the tables up to date: every `NNNN_name.sql` of `folder` that is not recorded yet, by number, each in a
 * transaction of its own. Forward only. Idempotent, and safe when two processes start at once. Rooms own ranges of
 * numbers, so a file may be new although a higher number has been applied.
 * @returns names of the files applied by this call
 * @throws YunweiError YUNWEI_DATA_FOLDER_CORRUPT naming a file that was changed or removed after it had been applied,
 *   YUNWEI_ENGINE_FAILED naming a file that fails
 */
export async function migrate(state: State, folder: string): Promise<string[]> {
  const migrations = await readMigrations(folder);
  await createTable(state);
  const applied: string[] = [];
  for (const migration of migrations) if (await applyOnce(state, migration)) applied.push(migration.name);
  await refuseMissing(state, migrations);
  return applied;
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  const numbers = new Set<string>();
  const migrations: Migration[] = [];
  for (const name of names) {
    if (!FILE_NAME.test(name)) throw new YunweiError("YUNWEI_ENGINE_FAILED", `Migration ${name} must be named NNNN_lower_case.sql.`);
    const number = name.slice(0, 4);
    if (numbers.has(number)) throw new YunweiError("YUNWEI_ENGINE_FAILED", `Two migrations have the number ${number}: renumber ${name}.`);
    numbers.add(number);
    const sql = await readFile(join(folder, name), "utf8");
    migrations.push({ name, sha256: createHash("sha256").update(sql).digest("hex"), sql });
  }
  return migrations;
}

/**
 * IF NOT EXISTS does not keep two creators at once apart: they collide inside the catalogue, with one of several errors.
 * A lock that needs no table does.
 */
async function createTable(state: State): Promise<void> {
  await state.transaction(async (tx) => {
    await tx.query("SELECT pg_advisory_xact_lock($1)", [TABLE_LOCK]);
    await tx.query(TABLE);
  });
}

async function applyOnce(state: State, migration: Migration): Promise<boolean> {
  return state.transaction(async (tx) => {
    // Before any other statement: a SERIALIZABLE transaction takes its snapshot after this lock, so it sees what the
    // other starter committed (PostgreSQL, LOCK).
    await tx.query("LOCK TABLE schema_migration IN ACCESS EXCLUSIVE MODE");
    const [known] = await tx.query<{ sha256: string }>("SELECT sha256 FROM schema_migration WHERE name = $1", [migration.name]);
    if (known !== undefined) {
      if (known.sha256 === migration.sha256) return false;
      throw new YunweiError(
        "YUNWEI_DATA_FOLDER_CORRUPT",
        `Migration ${migration.name} was changed after it had been applied: put the old file back and write a new one.`,
      );
    }
    await execute(tx, migration);
    await tx.query("INSERT INTO schema_migration (name, sha256) VALUES ($1, $2)", [migration.name, migration.sha256]);
    return true;
  });
}

async function execute(tx: Queryable, migration: Migration): Promise<void> {
  try {
    await tx.query(migration.sql);
  } catch (cause) {
    if (cause instanceof YunweiError && cause.retryable) throw cause;
    throw new YunweiError("YUNWEI_ENGINE_FAILED", `Migration ${migration.name} failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

async function refuseMissing(state: State, migrations: readonly Migration[]): Promise<void> {
  const here = new Set(migrations.map((migration) => migration.name));
  const rows = await state.query<{ name: string }>("SELECT name FROM schema_migration ORDER BY name");
  const missing = rows.filter((row) => !here.has(row.name)).map((row) => row.name);
  if (missing.length === 0) return;
  throw new YunweiError(
    "YUNWEI_DATA_FOLDER_CORRUPT",
    `This program lacks migrations that were applied to the database (${missing.join(", ")}): it is older than the data. Start the newer program.`,
    { details: missing },
  );
}

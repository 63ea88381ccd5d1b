import { randomBytes } from "node:crypto";
import { chmod, chown, lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { YunweiError } from "@yunwei/schemas";
import pg from "pg";
import { claimFolder } from "./folder-owner.ts";
import { poolState } from "./pool-state.ts";
import { findPostgresBinaries, type PostgresBinaries } from "./postgres-binaries.ts";
import { stopOrphan } from "./postgres-orphan.ts";
import { type PostgresProcess, spawnAs, startPostgres } from "./postgres-process.ts";
import { chooseRunAs, type RunAs } from "./run-as.ts";
import type { State } from "./state.ts";
import type { StateLogger } from "./state-logger.ts";

/** Crash recovery replays at most max_wal_size: seconds, a minute on a slow disk. */
const READY_TIMEOUT_MS = 120_000;
const USER = "yunwei";
const DATABASE = "postgres";
const DRAFT_PREFIX = "draft-";

export interface EmbeddedStateOptions {
  /** Everything of the engine lies here; made when missing. */
  readonly folder: string;
  readonly logger: StateLogger;
  /** How to start the programs; default: the first way that works for this user. */
  readonly runAs?: RunAs;
}

export interface EmbeddedState extends State {
  /** For tools and tests. Holds the password: not enumerable, so that logging the state does not show it. */
  readonly connectionString: string;
  /** Process id of the server. */
  readonly pid: number;
}

/**
 * A real PostgreSQL as a child process, reachable over a Unix socket only. Makes the database on the first start,
 * recovers it after a crash, and stops what an earlier killed run left behind.
 * @throws YunweiError YUNWEI_DATA_FOLDER_BUSY, YUNWEI_DATA_FOLDER_CORRUPT or YUNWEI_ENGINE_FAILED, each saying what to do
 */
export async function openEmbeddedState(options: EmbeddedStateOptions): Promise<EmbeddedState> {
  const { logger } = options;
  const folder = resolve(options.folder);
  const binaries = await findPostgresBinaries();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const release = await claimFolder(folder);
  let server: PostgresProcess | undefined;
  try {
    const runAs = options.runAs ?? (await prepareRunAs(binaries, folder));
    const dataFolder = join(folder, "data");
    await stopOrphan(dataFolder, logger);
    const password = await passwordOf(folder);
    if (!(await isThere(dataFolder))) await initialise(binaries, folder, password, runAs, logger);
    await checkVersion(dataFolder, binaries);
    if (runAs.owner !== undefined) await own(dataFolder, runAs.owner);
    server = await startPostgres(binaries.postgres, dataFolder, runAs, logger);
    const settings = { host: server.socketFolder, user: USER, password, database: DATABASE };
    await untilReady(server, settings, dataFolder);
    logger.info({ pid: server.pid, runAs: runAs.name }, "embedded PostgreSQL is ready");
    return assemble(server, settings, logger, release);
  } catch (error) {
    await server?.stop();
    await release();
    throw error;
  }
}

interface Connection {
  readonly host: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

function assemble(server: PostgresProcess, settings: Connection, logger: StateLogger, release: () => Promise<void>): EmbeddedState {
  let closing = false;
  const pool = new pg.Pool({ ...settings, max: 10, application_name: "yunwei" });
  const state = poolState(pool, logger, async () => {
    await server.stop();
    await release();
  });
  void server.exited.then(() => {
    if (!closing) logger.error({ tail: server.tail() }, "the embedded PostgreSQL ended by itself");
  });
  const url = `postgresql://${settings.user}:${settings.password}@/${settings.database}?host=${encodeURIComponent(settings.host)}`;
  const open: State & { readonly pid: number } = {
    query: state.query,
    transaction: state.transaction,
    close: async () => {
      closing = true;
      await state.close();
    },
    pid: server.pid,
  };
  return Object.defineProperty(open, "connectionString", { value: url, enumerable: false }) as EmbeddedState;
}

/** Root's PostgreSQL runs as another user, who must get into the folder. */
async function prepareRunAs(binaries: PostgresBinaries, folder: string): Promise<RunAs> {
  const root = process.getuid?.() === 0;
  // Entering is all the other user needs; the files inside stay closed to everyone else.
  if (root) await chmod(folder, 0o711);
  // It finds the server and its files as it would to make a database, prints what it found, and ends.
  return chooseRunAs([binaries.initdb, "--show", "-D", folder], folder);
}

async function passwordOf(folder: string): Promise<string> {
  const path = join(folder, "password");
  const known = await readFile(path, "utf8").catch(() => "");
  if (/^[\w-]{20,}$/.test(known)) return known;
  if (await isThere(join(folder, "data"))) {
    throw new YunweiError("YUNWEI_DATA_FOLDER_CORRUPT", `The file ${path} is missing or damaged: put it back from a backup of the data folder.`);
  }
  const fresh = randomBytes(24).toString("base64url");
  await writeFile(path, fresh, { mode: 0o600, flush: true });
  return fresh;
}

/** Makes the database under another name first: a crash half-way leaves nothing that looks finished. */
async function initialise(binaries: PostgresBinaries, folder: string, password: string, runAs: RunAs, logger: StateLogger): Promise<void> {
  // What a killed start left: its name is never used again, because its initdb may still be writing.
  for (const entry of await readdir(folder)) if (entry.startsWith(DRAFT_PREFIX)) await rm(join(folder, entry), { recursive: true, force: true });
  const draft = await mkdtemp(join(folder, DRAFT_PREFIX));
  const passwordFile = `${draft}.password`;
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (runAs.owner !== undefined) {
    await chown(draft, runAs.owner.uid, runAs.owner.gid);
    await chown(passwordFile, runAs.owner.uid, runAs.owner.gid);
  }
  const startedMs = performance.now();
  const layout = ["-D", draft, "-U", USER, "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  try {
    await run(runAs, binaries.initdb, [...layout, "--auth=scram-sha-256", `--pwfile=${passwordFile}`]);
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(draft, join(folder, "data"));
  logger.info({ durationMs: Math.round(performance.now() - startedMs) }, "made a new PostgreSQL database");
}

async function run(runAs: RunAs, program: string, args: readonly string[]): Promise<void> {
  const child = spawnAs(runAs, program, args);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      text = (text + chunk).slice(-4000);
    });
  }
  const code = await new Promise<number | null>((done, fail) => {
    child.on("error", fail);
    child.on("close", done);
  });
  if (code !== 0) throw new YunweiError("YUNWEI_ENGINE_FAILED", `Making the PostgreSQL database failed (exit code ${code}): ${text.trim()}`);
}

async function checkVersion(dataFolder: string, binaries: PostgresBinaries): Promise<void> {
  const found = (await readFile(join(dataFolder, "PG_VERSION"), "utf8").catch(() => "")).trim();
  if (found === binaries.majorVersion) return;
  const what = found === "" ? "is not a PostgreSQL data folder" : `was made by PostgreSQL ${found}, and this is ${binaries.majorVersion}`;
  throw new YunweiError("YUNWEI_DATA_FOLDER_CORRUPT", `${dataFolder} ${what}: restore it from a backup, or move it away to start empty.`);
}

/** Another way of starting than last time means another owner; the folder is small. */
async function own(path: string, owner: { readonly uid: number; readonly gid: number }): Promise<void> {
  if ((await lstat(path)).uid === owner.uid) return;
  for (const entry of await readdir(path, { recursive: true })) await chown(join(path, entry), owner.uid, owner.gid);
  await chown(path, owner.uid, owner.gid); // last: it marks the work as done
}

async function untilReady(server: PostgresProcess, settings: Connection, dataFolder: string): Promise<void> {
  const deadlineMs = performance.now() + READY_TIMEOUT_MS;
  for (let lastError: unknown; ; await sleep(30)) {
    if (server.hasExited()) throw startFailure(server.tail(), dataFolder, lastError);
    const client = new pg.Client({ ...settings, connectionTimeoutMillis: 5000 });
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.query("SELECT 1");
      return;
    } catch (error) {
      lastError = error;
      if (performance.now() > deadlineMs)
        throw new YunweiError("YUNWEI_ENGINE_FAILED", `PostgreSQL was not ready after ${READY_TIMEOUT_MS / 1000} s.`, { cause: error });
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/** Last words that speak of the machine and not of the data. */
const MACHINE_TROUBLE = /No space left|Permission denied|Cannot allocate memory|Read-only file system|could not map anonymous shared memory/i;

function startFailure(lastWords: string, dataFolder: string, cause: unknown): YunweiError {
  const code = MACHINE_TROUBLE.test(lastWords) ? "YUNWEI_ENGINE_FAILED" : "YUNWEI_DATA_FOLDER_CORRUPT";
  const advice = code === "YUNWEI_ENGINE_FAILED" ? "Put that right and start again." : "Restore the folder from a backup, or move it away to start empty.";
  return new YunweiError(code, `PostgreSQL does not start on ${dataFolder}. ${advice} Its last words: ${lastWords}`, { cause });
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

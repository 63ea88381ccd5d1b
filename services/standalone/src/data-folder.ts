import { randomBytes } from "node:crypto";
import { chmod, link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { YunweiError } from "@yunwei/schemas";

/** Where things lie in the data folder. */
export interface FolderPaths {
  readonly path: string;
  readonly bus: string;
  readonly clickhouse: string;
  readonly postgres: string;
  readonly topologyFile: string;
  readonly tokensFile: string;
}

export interface DataFolder extends FolderPaths {
  /** Gives the folder back; a killed process gives it back too. */
  release(): Promise<void>;
}

/** Makes the folder if it is new and takes it for this process. @throws YunweiError YUNWEI_DATA_FOLDER_BUSY naming who has it */
export async function takeDataFolder(path: string): Promise<DataFolder> {
  const root = resolve(path);
  try {
    await mkdir(root, { recursive: true, mode: 0o755 });
  } catch (error) {
    throw new YunweiError(
      "YUNWEI_ENGINE_FAILED",
      `the data folder ${root} cannot be made: ${error instanceof Error ? error.message : String(error)}; choose another with --data`,
      { cause: error },
    );
  }
  const lock = join(root, "lock");
  await takeLock(lock, root);
  return {
    path: root,
    bus: join(root, "bus"),
    clickhouse: join(root, "clickhouse"),
    postgres: join(root, "postgres"),
    topologyFile: join(root, "topology.yaml"),
    tokensFile: join(root, "ingest-tokens.json"),
    release: () => rm(lock, { force: true }),
  };
}

/** `link` refuses an existing name, so only one of two starters wins; a lock whose process is gone is set aside. */
async function takeLock(lock: string, root: string): Promise<void> {
  const mine = `${lock}.${process.pid}.${randomBytes(4).toString("hex")}`;
  await writeFile(mine, JSON.stringify({ pid: process.pid, started: await startTime(process.pid) }), { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 5; attempt++) {
      try {
        await link(mine, lock);
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      const holder = await readHolder(lock);
      if (holder !== undefined && (await isAlive(holder))) {
        throw new YunweiError(
          "YUNWEI_DATA_FOLDER_BUSY",
          `the data folder ${root} is in use by process ${holder.pid}: stop that one (its addresses are in ${join(root, "running.json")}), or choose another folder with --data`,
        );
      }
      await rename(lock, `${mine}.stale`).catch(() => undefined);
      await rm(`${mine}.stale`, { force: true });
    }
    throw new YunweiError("YUNWEI_DATA_FOLDER_BUSY", `the lock ${lock} cannot be taken: remove it if no Yunwei runs on this folder`);
  } finally {
    await rm(mine, { force: true });
  }
}

interface Holder {
  readonly pid: number;
  readonly started: string;
}

async function readHolder(lock: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(lock, "utf8")) as Holder;
  } catch {
    return undefined; // gone, or torn by a crash: nobody holds it
  }
}

/** Start time of a process in clock ticks since boot: tells a process from a later one with its number. "" where /proc has none. */
async function startTime(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

async function isAlive({ pid, started }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const now = await startTime(pid);
  return started === "" || now === "" || now === started;
}

/** The secret that local senders use, made on the first start; readable by the owner only. */
export async function localIngestSecret(folder: FolderPaths): Promise<string> {
  const path = join(folder.path, "ingest-token");
  const known = await readFile(path, "utf8").catch(() => "");
  if (known.trim() !== "") {
    await chmod(path, 0o600);
    return known.trim();
  }
  const secret = randomBytes(32).toString("base64url");
  await writeFile(`${path}.new`, `${secret}\n`, { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
  return secret;
}

/** What scripts need to find us. */
export interface RunningFile {
  readonly pid: number;
  readonly startedAt: string;
  readonly version: string;
  readonly console: string;
  readonly api: string;
  /** Base address of OTLP/HTTP and of Prometheus remote write. */
  readonly otlp: string;
  /** host:port of OTLP/gRPC, without TLS. */
  readonly otlpGrpc: string;
  /** Port by door that is open: `syslog/udp`, `syslog/tcp`, `syslog/tls`, `snmp`, `twamp`. */
  readonly deviceDoors: Readonly<Record<string, number>>;
}

/** Writes running.json whole or not at all. */
export async function writeRunning(folder: FolderPaths, running: RunningFile): Promise<void> {
  const path = join(folder.path, "running.json");
  await writeFile(`${path}.new`, `${JSON.stringify(running, undefined, 2)}\n`);
  await rename(`${path}.new`, path);
}

export async function removeRunning(folder: FolderPaths): Promise<void> {
  await rm(join(folder.path, "running.json"), { force: true });
}

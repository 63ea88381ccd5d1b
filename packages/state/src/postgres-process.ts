import { type ChildProcess, spawn } from "node:child_process";
import { chmod, chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { YunweiError } from "@yunwei/schemas";
import { RUN_FOLDER_PREFIX, runFolderNote } from "./postgres-orphan.ts";
import type { RunAs } from "./run-as.ts";
import type { StateLogger } from "./state-logger.ts";

/** sun_path holds 108 bytes on Linux and 104 on macOS, the final zero included; `/.s.PGSQL.5432` takes 14. */
const MAX_RUN_FOLDER_BYTES = 103 - 14;
const TAIL_LINES = 40;
const STOP_MS = 30_000;

/** Small on purpose: the telemetry is elsewhere. fsync and synchronous_commit stay on: an answer means durable. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: "",
  max_connections: "30",
  shared_buffers: "32MB",
  work_mem: "4MB",
  maintenance_work_mem: "32MB",
  max_wal_size: "256MB",
  wal_level: "minimal",
  max_wal_senders: "0",
  max_logical_replication_workers: "0",
  max_parallel_workers_per_gather: "0",
  io_method: "sync",
  huge_pages: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  // Errors of statements come back to the caller, who knows what they mean; their text may hold personal data.
  log_min_messages: "log",
  log_min_error_statement: "panic",
};

/** A PostgreSQL server that is a child of this process. */
export interface PostgresProcess {
  /** Folder of the Unix socket; there is no TCP port. */
  readonly socketFolder: string;
  readonly pid: number;
  /** Settles when the server is gone, wanted or not. */
  readonly exited: Promise<void>;
  hasExited(): boolean;
  /** Last lines of its log, for an error message. */
  tail(): string;
  /** Orderly stop with a checkpoint; without one after 30 s. Idempotent. */
  stop(): Promise<void>;
}

/** Starts the server and returns at once; connecting tells when it is ready. */
export async function startPostgres(program: string, dataFolder: string, runAs: RunAs, logger: StateLogger): Promise<PostgresProcess> {
  const socketFolder = await makeRunFolder(runAs);
  await writeFile(runFolderNote(dataFolder), socketFolder);
  const child = spawnAs(runAs, program, [
    "-D",
    dataFolder,
    ...settingArguments({ ...SETTINGS, unix_socket_directories: `"${socketFolder}"`, unix_socket_permissions: "0700" }),
  ]);
  const lines = keepTail(child, logger);
  const watchdog = child.pid === undefined ? undefined : startWatchdog(child.pid);
  let gone = false;
  const exited = new Promise<void>((resolve) => {
    const end = () => {
      gone = true;
      watchdog?.kill("SIGKILL");
      rm(socketFolder, { recursive: true, force: true }).then(resolve, () => resolve());
    };
    child.on("error", (error) => {
      lines.push(error.message);
      end();
    });
    child.on("exit", end);
  });
  const stop = async () => {
    if (gone) return exited;
    child.kill("SIGINT");
    const hard = setTimeout(() => child.kill("SIGQUIT"), STOP_MS);
    await exited;
    clearTimeout(hard);
  };
  return { socketFolder, pid: child.pid ?? 0, exited, hasExited: () => gone, tail: () => lines.join("\n"), stop };
}

/** Runs a program under `runAs`, in its own session, so that Ctrl-C in a terminal reaches only us. Its input is empty. */
export function spawnAs(runAs: RunAs, program: string, args: readonly string[]): ChildProcess {
  const argv = [...runAs.prefix, program, ...args];
  const identity = runAs.uid === undefined ? {} : { uid: runAs.uid, gid: runAs.gid! };
  // Our environment may hold secrets and PG* variables that would redirect it: the server gets neither.
  const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };
  return spawn(argv[0]!, argv.slice(1), { stdio: ["ignore", "pipe", "pipe"], detached: true, cwd: "/", env, ...identity });
}

function settingArguments(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

async function makeRunFolder(runAs: RunAs): Promise<string> {
  for (const base of new Set([tmpdir(), "/tmp"])) {
    const folder = await mkdtemp(join(base, RUN_FOLDER_PREFIX)).catch(() => undefined);
    if (folder === undefined) continue;
    if (Buffer.byteLength(folder) <= MAX_RUN_FOLDER_BYTES) {
      await chmod(folder, 0o700);
      if (runAs.owner !== undefined) await chown(folder, runAs.owner.uid, runAs.owner.gid);
      return folder;
    }
    await rm(folder, { recursive: true, force: true });
  }
  throw new YunweiError("YUNWEI_ENGINE_FAILED", `PostgreSQL needs a short writable temporary folder for its socket, and neither ${tmpdir()} nor /tmp is one.`);
}

/**
 * When we are killed, the kernel closes our end of the pipe, `read` fails and the server is asked to stop: no orphan
 * is left to run for ever. An orderly stop ends the watchdog first.
 */
function startWatchdog(pid: number): ChildProcess {
  const script = 'read -r _; kill -INT "$1" 2>/dev/null';
  const watchdog = spawn("/bin/sh", ["-c", script, "yunwei-postgres-watchdog", String(pid)], { stdio: ["pipe", "ignore", "ignore"], detached: true, cwd: "/" });
  watchdog.on("error", () => undefined); // without it the next start stops the orphan
  watchdog.unref();
  // An open pipe would keep our event loop alive.
  (watchdog.stdin as unknown as { unref(): void } | null)?.unref();
  return watchdog;
}

function keepTail(child: ChildProcess, logger: StateLogger): string[] {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    let rest = "";
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop()!.slice(0, 4096);
      for (const line of parts) {
        lines.push(line);
        if (lines.length > TAIL_LINES) lines.shift();
        logger.debug({ line }, "postgres");
      }
    });
  }
  return lines;
}

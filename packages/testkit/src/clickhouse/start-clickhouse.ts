import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("./serve-clickhouse.ts", import.meta.url));
const READY_LIMIT_MS = 60_000;

/** A ClickHouse that answers over HTTP, thrown away at the end. */
export interface ClickHouseServer {
  readonly url: string;
  /** Holds clickhouse.log. */
  readonly folder: string;
  readonly isRunning: boolean;
  /** kill -9, at once; the data stays. */
  kill(): void;
  /** SIGTERM, and the end of the process. */
  terminate(): Promise<void>;
  /** Starts it again on the same port and data, ending it first when it runs; resolves when it answers. */
  restart(): Promise<void>;
  /** Ends it and deletes its data. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts a process that speaks ClickHouse's HTTP interface. It is NOT ClickHouse's server: that cannot be installed everywhere
 * the tests run. It is the same engine of the same version, the embedded one (chdb), in a process of its own behind a small
 * HTTP front of ours: /ping, statements with parameters, INSERT with its data as the body (written to a file and read from
 * there), deduplication tokens, results in the format asked for, exceptions with their codes. What it lacks: users, sessions,
 * compression, other settings of a request than the token, progress headers, a time limit. It serves to kill "ClickHouse"
 * while its clients live; how a server behaves inside its HTTP layer it cannot tell.
 * @param parent - the data goes into a new folder in here; default: the system's temporary folder
 * @throws Error with the end of its log when it does not start
 */
export async function startClickHouse(parent: string = tmpdir()): Promise<ClickHouseServer> {
  const folder = await mkdtemp(join(parent, "yunwei-clickhouse-"));
  const data = join(folder, "data");
  await mkdir(data);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let child = await start(folder, port, url);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (hasEnded(child)) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  };
  return {
    url,
    folder,
    get isRunning() {
      return !hasEnded(child);
    },
    kill: () => void child.kill("SIGKILL"),
    terminate: () => end("SIGTERM"),
    restart: async () => {
      await end("SIGKILL");
      child = await start(folder, port, url);
    },
    stop: async () => {
      await end("SIGKILL");
      await rm(data, { recursive: true, force: true });
    },
  };
}

async function start(folder: string, port: number, url: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [MAIN, join(folder, "data"), String(port)], { stdio: ["ignore", "pipe", "pipe"], detached: true });
  const log = createWriteStream(join(folder, "clickhouse.log"), { flags: "a" });
  log.on("error", () => undefined); // its disk may be full on purpose
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  child.once("error", () => undefined); // no program: it never answers, and that is said below
  const withUs = (): void => void child.kill("SIGKILL");
  process.once("exit", withUs);
  child.once("exit", () => process.off("exit", withUs));
  const deadlineMs = Date.now() + READY_LIMIT_MS;
  while (!(await answers(url))) {
    if (hasEnded(child) || Date.now() > deadlineMs) {
      child.kill("SIGKILL");
      throw new Error(`ClickHouse did not start: ${(await readFile(join(folder, "clickhouse.log"), "utf8").catch(() => "no log")).slice(-2_000)}`);
    }
    await sleep(50);
  }
  return child;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/ping`, { signal: AbortSignal.timeout(2_000) }).then(
    (response) => response.ok,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

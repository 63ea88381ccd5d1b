import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../../../services/standalone/src/main.ts", import.meta.url));
const START_TIMEOUT_MS = 120_000;

export interface SpawnOptions {
  readonly dataFolder: string;
  /** More variables; ports default to any free one, own metrics and traces to off. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Password of `admin`; a data folder that has one already keeps it. Default: a random one. */
  readonly password?: string;
  /** True: Ctrl-C at the terminal does not reach it, so that the caller can stop it in good order; default false. */
  readonly ownGroup?: boolean;
}

/** A real standalone process, found by its running.json. */
export interface SpawnedStandalone {
  readonly pid: number;
  readonly console: string;
  readonly api: string;
  readonly otlp: string;
  readonly ingestToken: string;
  readonly password: string;
  readonly child: ChildProcess;
  /** SIGTERM, then waits for the end; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL, then waits for the end. */
  kill(): Promise<void>;
  /** Ends when the process has. */
  readonly ended: Promise<number | null>;
}

/** Starts the standalone as a person would, in a process of its own. Its output goes to `standalone.log` in the data folder. @throws Error with the end of its log when it does not come up */
export async function spawnStandalone({
  dataFolder,
  variables = {},
  password = randomBytes(12).toString("base64url"),
  ownGroup = false,
}: SpawnOptions): Promise<SpawnedStandalone> {
  const env = {
    ...process.env,
    YUNWEI_DATA: dataFolder,
    YUNWEI_HTTP_PORT: "0",
    YUNWEI_OTLP_PORT: "0",
    YUNWEI_GRPC_PORT: "0",
    YUNWEI_ADMIN_PASSWORD: password,
    YUNWEI_SELF_TELEMETRY: "false",
    YUNWEI_HOST_METRICS: "false",
    YUNWEI_LOG_LEVEL: "info",
    YUNWEI_LOG: "stderr",
    ...variables,
  };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ["ignore", "pipe", "pipe"], detached: ownGroup });
  const log = createWriteStream(join(dataFolder, "standalone.log"), { flags: "a" });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => log.end(() => resolve(code))));
  const running = await waitForRunning(dataFolder, child, ended);
  const ingestToken = (await readFile(join(dataFolder, "ingest-token"), "utf8")).trim();
  return {
    ...running,
    ingestToken,
    password,
    child,
    ended,
    stop: () => {
      child.kill("SIGTERM");
      return ended;
    },
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

type Running = Pick<SpawnedStandalone, "pid" | "console" | "api" | "otlp">;

async function waitForRunning(dataFolder: string, child: ChildProcess, ended: Promise<unknown>): Promise<Running> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline && !over) {
    const running = await readRunning(dataFolder);
    if (running !== undefined && running.pid === child.pid) return running;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.kill("SIGKILL");
  await ended;
  const log = await readFile(join(dataFolder, "standalone.log"), "utf8").catch(() => "");
  throw new Error(`the standalone did not come up; the end of its log:\n${log.slice(-3_000)}`);
}

async function readRunning(dataFolder: string): Promise<Running | undefined> {
  try {
    return JSON.parse(await readFile(join(dataFolder, "running.json"), "utf8")) as Running;
  } catch {
    return undefined; // not written yet
  }
}

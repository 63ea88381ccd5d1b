import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { GuardedProcess } from "../kafka/guarded-process.ts";

const MAIN = fileURLToPath(new URL("../../../../services/ingest/src/main.ts", import.meta.url));
const READY_LIMIT_MS = 120_000;
const TERMINATE_LIMIT_MS = 40_000;

export interface IngestSpawnOptions {
  readonly role: "gateway" | "writer" | "both";
  /** Holds the log, `<name>.log`. */
  readonly folder: string;
  readonly name: string;
  /** Variables beside role, ports and host. */
  readonly variables: Readonly<Record<string, string>>;
}

/** An ingest process that keeps its ports over restarts. */
export class SpawnedIngest {
  readonly name: string;
  readonly otlpPort: number;
  readonly #healthPort: number;
  readonly #command: readonly string[];
  readonly #log: string;
  #process: GuardedProcess | undefined;

  private constructor(options: IngestSpawnOptions, [otlpPort, grpcPort, healthPort]: readonly number[]) {
    this.name = options.name;
    this.otlpPort = otlpPort!;
    this.#healthPort = healthPort!;
    this.#log = join(options.folder, `${options.name}.log`);
    const variables = {
      YUNWEI_LOG_LEVEL: "warn",
      ...options.variables,
      YUNWEI_INGEST_ROLE: options.role,
      YUNWEI_HOST: "127.0.0.1",
      YUNWEI_OTLP_PORT: String(otlpPort),
      YUNWEI_GRPC_PORT: String(grpcPort),
      YUNWEI_HEALTH_PORT: String(healthPort),
    };
    this.#command = ["env", ...Object.entries(variables).map(([name, value]) => `${name}=${value}`), process.execPath, MAIN];
  }

  /** Started and ready. @throws Error with the end of its log when it does not come up */
  static async start(options: IngestSpawnOptions): Promise<SpawnedIngest> {
    const spawned = new SpawnedIngest(options, await freePorts(3));
    await spawned.start();
    return spawned;
  }

  get isRunning(): boolean {
    return this.#process?.isRunning ?? false;
  }

  /** Resolves when it answers that it is ready; one that still runs is killed first. */
  async start(): Promise<void> {
    await this.kill();
    const started = await GuardedProcess.start(this.#command, this.#log);
    this.#process = started;
    const deadlineMs = Date.now() + READY_LIMIT_MS;
    while ((await this.health())?.status !== "ok") {
      if (!started.isRunning || Date.now() > deadlineMs) {
        await started.end();
        throw new Error(`${this.name} did not start: ${(await readFile(this.#log, "utf8").catch(() => "no log")).slice(-2_000)}`);
      }
      await sleep(100);
    }
  }

  /** What /health says; undefined when it does not answer within two seconds. */
  async health(): Promise<{ status: string; ingestLag?: number } | undefined> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.#healthPort}/health`, { signal: AbortSignal.timeout(2_000) });
      return (await response.json()) as { status: string; ingestLag?: number };
    } catch {
      return undefined;
    }
  }

  /** kill -9, and the end of the process. */
  async kill(): Promise<void> {
    await this.#process?.end();
  }

  /** SIGTERM, and the end of the process. */
  async terminate(): Promise<void> {
    await this.#process?.terminate(TERMINATE_LIMIT_MS);
  }

  /** Stops it as a long garbage collection or a moved virtual machine would: it does not know that time passes. */
  freeze(): void {
    this.#process?.signal("SIGSTOP");
  }

  thaw(): void {
    this.#process?.signal("SIGCONT");
  }
}

/** All held open until all are known, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  const ports: number[] = [];
  for (const server of servers) {
    if (!server.listening) await once(server, "listening");
    const address = server.address();
    ports.push(typeof address === "object" && address !== null ? address.port : 0);
  }
  for (const server of servers) {
    server.close();
    await once(server, "close");
  }
  return ports;
}

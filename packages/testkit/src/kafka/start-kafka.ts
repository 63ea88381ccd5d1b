import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { answersKafka } from "./answers-kafka.ts";
import { brokerProperties } from "./broker-properties.ts";
import { GuardedProcess } from "./guarded-process.ts";
import { kafkaJars, run } from "./kafka-jars.ts";
import { makeSecureDoor, type SecureDoor } from "./secure-door.ts";

/** A real Apache Kafka broker on this machine, thrown away at the end. */
export interface KafkaBroker {
  readonly brokers: readonly string[];
  /** The door with TLS and a login, where asked for. */
  readonly secure?: SecureDoor;
  /** Holds server.log, which stays behind for the reader of a failed test. */
  readonly folder: string;
  readonly port: number;
  readonly isRunning: boolean;
  /** Ends the broker and deletes its data. Idempotent. */
  stop(): Promise<void>;
  /** kill -9, at once; the data stays. */
  kill(): void;
  /** SIGTERM, and the end of the broker. */
  terminate(): Promise<void>;
  /** Starts the broker again on the same ports and data; resolves when it answers. */
  restart(): Promise<void>;
}

export interface KafkaOptions {
  /** Where clients are told to connect instead of to the broker itself, e.g. a FaultyLink. */
  readonly advertisedPort?: number;
  /** The broker's folder is made in here; default: the system's temporary folder. */
  readonly parent?: string;
  /** Opens a second listener with TLS, certificates on both sides, and a login; default false. */
  readonly secure?: boolean;
}

const TERMINATE_LIMIT_MS = 20_000;
const READY_LIMIT_MS = 60_000;
/** The first compiler only, and one collector thread: a broker of tests lives for a minute. */
const JVM = ["-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];

/**
 * Starts Apache Kafka (KRaft, one node) from its own jars, which the first run on a machine fetches.
 * @returns why not, where Java, Maven or the jars cannot be had: a suite then reports itself as skipped, never as passed
 * @throws Error when the broker is there but does not start; the end of its log is in the message
 */
export async function startKafka({
  advertisedPort,
  parent = tmpdir(),
  secure = false,
}: KafkaOptions = {}): Promise<KafkaBroker | { readonly skipped: string }> {
  const jars = await kafkaJars();
  if ("skipped" in jars) return jars;
  const folder = await mkdtemp(join(parent, "yunwei-kafka-"));
  const data = join(folder, "data");
  const properties = join(folder, "server.properties");
  const [brokerPort, controllerPort, securePort] = await freePorts();
  await mkdir(data);
  const door = secure ? await makeSecureDoor(folder, securePort) : undefined;
  const more = { ...(advertisedPort === undefined ? {} : { advertisedPort }), ...(door === undefined ? {} : { secure: door.place }) };
  await writeFile(properties, brokerProperties({ brokerPort, controllerPort, dataFolder: data, ...more }));
  const classPath = ["-cp", join(jars.folder, "*")];
  const formatted = await run(
    "java",
    [...JVM, ...classPath, "kafka.tools.StorageTool", "format", "-t", clusterId(), "-c", properties, ...(door?.format ?? [])],
    READY_LIMIT_MS,
  );
  if (formatted.code !== 0) throw new Error(`Apache Kafka could not format its storage: ${formatted.output.slice(-2_000)}`);
  const log = join(folder, "server.log");
  const start = async (): Promise<GuardedProcess> => {
    const started = await GuardedProcess.start(["java", ...JVM, ...classPath, "kafka.Kafka", properties], log);
    await untilReady(started, brokerPort, log);
    return started;
  };
  let broker = await start();
  return {
    brokers: [`127.0.0.1:${brokerPort}`],
    ...(door === undefined ? {} : { secure: door.client }),
    folder,
    port: brokerPort,
    get isRunning() {
      return broker.isRunning;
    },
    terminate: () => broker.terminate(TERMINATE_LIMIT_MS),
    kill: () => broker.kill(),
    restart: async () => {
      await broker.end();
      broker = await start();
    },
    stop: async () => {
      await broker.end();
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** A cluster id is 16 bytes in base64; one that begins with a hyphen would be read as an option. */
function clusterId(): string {
  return `Y${randomBytes(16).toString("base64url").slice(1, 22)}`;
}

async function untilReady(broker: GuardedProcess, port: number, log: string): Promise<void> {
  const deadlineMs = Date.now() + READY_LIMIT_MS;
  while (!(await answersKafka(port, 2_000))) {
    if (!broker.isRunning || Date.now() > deadlineMs) {
      await broker.end();
      throw new Error(`Apache Kafka did not start: ${(await readFile(log, "utf8").catch(() => "no log")).slice(-2_000)}`);
    }
    await sleep(100);
  }
}

/** Three ports that are free now: all held open until all are known, so that they differ. */
async function freePorts(): Promise<[number, number, number]> {
  const servers = [createServer(), createServer(), createServer()];
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    ports.push(typeof address === "object" && address !== null ? address.port : 0);
  }
  for (const server of servers) {
    server.close();
    await once(server, "close");
  }
  return [ports[0]!, ports[1]!, ports[2]!];
}

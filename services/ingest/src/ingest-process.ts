import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { type Bus, configuredKafka, openKafkaBus } from "@yunwei/bus";
import { TOPICS, YunweiError } from "@yunwei/schemas";
import type { Logger } from "@yunwei/service-kit";
import { migrateStore } from "@yunwei/store";
import { createGateway, createWriters, type Writers } from "./app.ts";
import type { IngestConfig } from "./config.ts";
import { configuredStore } from "./configured-store.ts";
import { openRetention } from "./retention/retention.ts";
import { readTokenFile } from "./token-file.ts";

const MIGRATIONS = fileURLToPath(new URL("../../../schemas/clickhouse", import.meta.url));
/** How long brokers and ClickHouse may be away while we start. */
const PATIENCE_MS = 60_000;
/** A connection that is still busy this long into a close is cut. */
const CLOSE_LIMIT_MS = 2_000;

export interface IngestProcess {
  readonly role: IngestConfig["YUNWEI_INGEST_ROLE"];
  /** Ports in use; the doors only of a gateway. */
  readonly ports: { readonly health: number; readonly otlp?: number; readonly grpc?: number };
  /** Takes no new request, answers those in hand, finishes the batch in hand, leaves the group. Idempotent. */
  close(): Promise<void>;
}

type Closer = () => Promise<unknown>;

/**
 * Starts one ingest process on Kafka and, for a writer, a ClickHouse server.
 * @throws YunweiError YUNWEI_CONFIG_INVALID naming what is missing; YUNWEI_BUS_UNAVAILABLE, YUNWEI_STORE_UNAVAILABLE after a minute without them
 */
export async function startIngestProcess(config: IngestConfig, logger: Logger): Promise<IngestProcess> {
  requireSettings(config);
  const closers: Closer[] = [];
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= closeAll(closers, logger);
    return closing;
  };
  try {
    return { role: config.YUNWEI_INGEST_ROLE, ports: await open(config, logger, closers), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function requireSettings(config: IngestConfig): void {
  const role = config.YUNWEI_INGEST_ROLE;
  const missing = [
    config.YUNWEI_KAFKA_BROKERS === "" ? "YUNWEI_KAFKA_BROKERS" : undefined,
    role !== "gateway" && config.YUNWEI_CLICKHOUSE_URL === "" ? "YUNWEI_CLICKHOUSE_URL" : undefined,
    role !== "writer" && config.YUNWEI_INGEST_TOKENS === "" ? "YUNWEI_INGEST_TOKENS" : undefined,
  ].filter((name) => name !== undefined);
  if (missing.length > 0) throw new YunweiError("YUNWEI_CONFIG_INVALID", `a ${role} needs ${missing.join(" and ")}; see --help`, { details: missing });
}

async function open(config: IngestConfig, logger: Logger, closers: Closer[]): Promise<IngestProcess["ports"]> {
  const role = config.YUNWEI_INGEST_ROLE;
  const state: HealthState = { role, ready: false, writers: undefined };
  // Answers from the start on: an orchestrator sees that the process lives while brokers are waited for.
  const health = healthServer(state);
  const healthPort = await listen(health, config.YUNWEI_HOST, config.YUNWEI_HEALTH_PORT);
  closers.push(() => closeServer(health));
  const bus = await openBus(config, logger);
  closers.push(() => bus.close());
  await bus.ensureTopics(TOPICS);
  if (role !== "gateway") state.writers = await openWriters(config, bus, logger, closers);
  const doors = role === "writer" ? {} : await openDoors(config, bus, logger, closers);
  state.ready = true;
  return { health: healthPort, ...doors };
}

async function openDoors(config: IngestConfig, bus: Bus, logger: Logger, closers: Closer[]): Promise<{ otlp: number; grpc: number }> {
  const tokens = await readTokenFile(config.YUNWEI_INGEST_TOKENS);
  if (tokens.length === 0) throw new YunweiError("YUNWEI_CONFIG_INVALID", `${config.YUNWEI_INGEST_TOKENS} names no token: nobody could send`);
  const gateway = createGateway({ bus, logger, nowMs: Date.now, tokens });
  const otlp = await listen(gateway.server, config.YUNWEI_HOST, config.YUNWEI_OTLP_PORT);
  closers.push(() => closeServer(gateway.server));
  const grpc = await gateway.grpc.bind(config.YUNWEI_HOST, config.YUNWEI_GRPC_PORT);
  closers.push(() => gateway.grpc.close());
  return { otlp, grpc };
}

async function openBus(config: IngestConfig, logger: Logger): Promise<Bus> {
  return openKafkaBus({
    ...(await configuredKafka(config)),
    clientId: `yunwei-ingest-${process.pid}`,
    deliveryTimeoutMs: config.YUNWEI_KAFKA_DELIVERY_TIMEOUT_MS,
    patienceMs: PATIENCE_MS,
    onTrouble: (message) => logger.warn({ part: "bus" }, message),
  });
}

async function openWriters(config: IngestConfig, bus: Bus, logger: Logger, closers: Closer[]): Promise<Writers> {
  const store = await configuredStore(config, PATIENCE_MS);
  closers.push(() => store.close());
  await migrateStore(store, MIGRATIONS);
  const retention = await openRetention({ store, logger, nowMs: Date.now, config, folder: undefined });
  closers.push(() => retention.close());
  const writers = await createWriters({ bus, store, logger, nowMs: Date.now, amongOthers: true, retention: retention.book });
  closers.push(() => writers.close());
  return writers;
}

interface HealthState {
  readonly role: string;
  ready: boolean;
  writers: Writers | undefined;
}

/** GET /health: alive, and how much is not stored yet; 503 while brokers cannot be asked. Public: it tells nothing of anyone's data. */
function healthServer(state: HealthState): Server {
  return createServer((request, response) => {
    const send = (status: number, body: object): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ role: state.role, ...body }));
    };
    if (request.method !== "GET" || request.url !== "/health") send(404, { code: "YUNWEI_NOT_FOUND", message: "GET /health is all there is here" });
    else if (!state.ready) send(503, { status: "starting" });
    else if (state.writers === undefined) send(200, { status: "ok" });
    else
      state.writers.lag().then(
        (ingestLag) => send(200, { status: "ok", ingestLag }),
        () => send(503, { status: "unavailable", code: "YUNWEI_BUS_UNAVAILABLE" }),
      );
  });
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    throw new YunweiError("YUNWEI_ENGINE_FAILED", `port ${port} on ${host} is taken: choose another`, { cause: error });
  }
  return (server.address() as AddressInfo).port;
}

async function closeAll(closers: readonly Closer[], logger: Logger): Promise<void> {
  for (const close of closers.toReversed()) {
    try {
      await close();
    } catch (error) {
      logger.error({ err: error }, "a part did not close well");
    }
  }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), CLOSE_LIMIT_MS).unref();
  });
}

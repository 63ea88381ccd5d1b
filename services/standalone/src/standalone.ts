import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createAlerting } from "@yunwei/alerting";
import { createAnomaly } from "@yunwei/anomaly";
import { type Bus, brokersOf } from "@yunwei/bus";
import { createConsole } from "@yunwei/console";
import { CardinalityGuard, createIngest, DeadLetterDesk, openRetention, type Relay, readRelaySettings, startRelay } from "@yunwei/ingest";
import { createItsm } from "@yunwei/itsm";
import { createNotify } from "@yunwei/notify";
import { RequestReader } from "@yunwei/otlp";
import { createRca } from "@yunwei/rca";
import { TOPICS } from "@yunwei/schemas";
import { answerErrors, createLogger, guardRoutes, type Logger } from "@yunwei/service-kit";
import { migrate, openEmbeddedState, openServerState, type State } from "@yunwei/state";
import { migrateStore, openEmbeddedStore, type Store } from "@yunwei/store";
import { TopologyCache } from "@yunwei/topology";
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from "fastify";
import type { StandaloneConfig } from "./config.ts";
import { type DataFolder, type RunningFile, removeRunning, takeDataFolder, writeRunning } from "./data-folder.ts";
import { loadIngestTokens } from "./ingest-tokens.ts";
import { bindNear, listenNear } from "./listen.ts";
import { openLogFile } from "./log-file.ts";
import { openBus } from "./open-bus.ts";
import { startTelemetry } from "./telemetry.ts";
import { tracedBus } from "./traced-bus.ts";
import { traceRequests } from "./traced-requests.ts";

const CLICKHOUSE_MIGRATIONS = fileURLToPath(new URL("../../../schemas/clickhouse", import.meta.url));
const POSTGRES_MIGRATIONS = fileURLToPath(new URL("../../../schemas/postgres", import.meta.url));

export interface StandaloneOptions {
  readonly config: StandaloneConfig;
  /** Ports that a person asked for are not replaced when taken. */
  readonly exactPorts: { readonly http: boolean; readonly otlp: boolean; readonly grpc: boolean };
  readonly version: string;
  /** Told of each step of the start, for people. */
  readonly onStep: (step: string) => void;
}

export interface Standalone {
  readonly running: RunningFile;
  readonly dataFolder: string;
  readonly logger: Logger;
  /** Set on the very first start when no password was given: shown once, kept nowhere. */
  readonly firstPassword: string | undefined;
  /** Takes no new work, finishes what is in hand, leaves everything on disk. Idempotent. */
  close(): Promise<void>;
}

/** Closers in the order of opening; run backwards, each even when another fails. */
class Closers {
  readonly #closers: { name: string; close: () => Promise<unknown> }[] = [];
  readonly #first: { name: string; close: () => Promise<unknown> }[] = [];
  #closing: Promise<void> | undefined;
  logger: Logger | undefined;

  add(name: string, close: () => Promise<unknown>): void {
    this.#closers.push({ name, close });
  }

  /** Of something that needs all the others while it closes. */
  addFirst(name: string, close: () => Promise<unknown>): void {
    this.#first.push({ name, close });
  }

  run(): Promise<void> {
    this.#closing ??= (async () => {
      for (const { name, close } of [...this.#first, ...this.#closers.reverse()]) {
        try {
          await close();
        } catch (error) {
          this.logger?.error({ err: error, part: name }, "a part did not close well");
        }
      }
    })();
    return this.#closing;
  }
}

/** All services in one process on the embedded engines. Everything that was opened is closed again when the start fails. */
export async function startStandalone(options: StandaloneOptions): Promise<Standalone> {
  const closers = new Closers();
  try {
    return await open(options, closers);
  } catch (error) {
    await closers.run();
    throw error;
  }
}

async function open(options: StandaloneOptions, closers: Closers): Promise<Standalone> {
  const { config, onStep, version } = options;
  const nowMs = Date.now;
  const startedAt = new Date(nowMs()).toISOString();
  const folder = await takeDataFolder(config.YUNWEI_DATA);
  closers.add("data folder", folder.release);
  const logFile = config.YUNWEI_LOG === "file" ? openLogFile(folder.path) : undefined;
  if (logFile !== undefined) closers.add("log", async () => logFile.close());
  const log = (service: string): Logger => createLogger(service, config.YUNWEI_LOG_LEVEL, logFile);
  const logger = log("standalone");
  closers.logger = logger;
  const { tokens, localSecret } = await loadIngestTokens(folder);

  // The door is open before the services make their instruments; requests wait until they are there.
  const door = createDoor();
  const otlpPort = await listenNear(door.server, config.YUNWEI_HOST, config.YUNWEI_OTLP_PORT, options.exactPorts.otlp);
  const otlp = `http://${urlHost(config.YUNWEI_HOST)}:${otlpPort}`;
  closers.add("otlp door", () => closeServer(door.server));
  if (config.YUNWEI_SELF_TELEMETRY) {
    const telemetry = startTelemetry({
      endpoint: otlp,
      token: localSecret,
      site: config.YUNWEI_SITE,
      version,
      host: config.YUNWEI_HOST_METRICS,
      intervalMs: config.YUNWEI_TELEMETRY_INTERVAL_MS,
    });
    closers.addFirst("self telemetry", () => telemetry.close());
  }

  onStep("engines");
  const [store, state, bus] = await openEngines(config, folder, logger, closers);

  onStep("services");
  const topology = new TopologyCache({
    store,
    declaredPath: folder.topologyFile,
    nowMs,
    onTrouble: (error) => logger.warn({ err: error }, "the topology could not be read again; the last good one stays in use"),
  });
  let publicUrl = config.YUNWEI_PUBLIC_URL;
  const guard = new CardinalityGuard(config.YUNWEI_MAX_SERIES_PER_METRIC, nowMs);
  const reader = new RequestReader(2, guard, brokersOf(config.YUNWEI_KAFKA_BROKERS).length === 0); // for the writer and the detectors
  const relay = await openRelay(config, folder, bus, log("relay"), closers);
  const retention = await openRetention({ store, logger: log("retention"), nowMs, config, folder: folder.path });
  closers.add("retention", () => retention.close());
  const ingest = await createIngest({
    bus: tracedBus(relay?.intake ?? bus, "ingest"),
    store,
    reader,
    logger: log("ingest"),
    nowMs,
    tokens,
    retention: retention.book,
  });
  door.open(ingest.server);
  closers.add("ingest", () => ingest.close());
  const grpcPort = await bindNear(ingest.grpc.bind, config.YUNWEI_HOST, config.YUNWEI_GRPC_PORT, options.exactPorts.grpc);
  closers.add("grpc door", () => ingest.grpc.close());
  const devices = await ingest.openDeviceDoors({ config, host: config.YUNWEI_HOST, folder: folder.path });
  closers.add("device doors", () => devices.close());
  const deadLetters = await DeadLetterDesk.open({
    bus,
    store,
    retention: retention.book,
    folder: join(folder.path, "dead-letters"),
    logger: log("ingest"),
    nowMs,
  });
  closers.add("dead letters", () => deadLetters.close());
  const notify = await createNotify({ state, bus: tracedBus(bus, "notify"), logger: log("notify"), nowMs, dataFolder: folder.path, baseUrl: () => publicUrl });
  closers.add("notify", () => notify.close());
  const itsm = await createItsm({ state, bus: tracedBus(bus, "itsm"), logger: log("itsm"), nowMs });
  closers.add("itsm", () => itsm.close());
  const rca = await createRca({ bus: tracedBus(bus, "rca"), state, topology, logger: log("rca"), nowMs });
  closers.add("rca", () => rca.close());
  const alerting = await createAlerting({ bus: tracedBus(bus, "alerting"), store, state, topology, dataFolder: folder.path, logger: log("alerting"), nowMs });
  closers.add("alerting", () => alerting.close());
  const anomaly = await createAnomaly({ bus: tracedBus(bus, "anomaly"), store, reader, logger: log("anomaly"), dataFolder: folder.path, nowMs });
  closers.add("anomaly", () => anomaly.close());

  onStep("console");
  const console_ = await createConsole({
    store,
    state,
    topology,
    logger: log("console"),
    nowMs,
    version,
    adminPassword: config.YUNWEI_ADMIN_PASSWORD,
    ingestLag: () => ingest.lag(),
    ingest: { ...ingest, deadLetters, guardedMetrics: () => guard.guarded(), retention: () => retention.overview() },
  });
  closers.add("console", () => console_.close());
  const app = fastify({
    loggerInstance: log("http") as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 1024 * 1024,
    forceCloseConnections: true,
  });
  traceRequests(app);
  answerErrors(app);
  guardRoutes(app, console_.authenticate);
  await console_.register(app, [ingestHealth(ingest.lag, relay), anomaly.routes, alerting.routes, rca.routes, itsm.routes, notify.routes]);
  await app.ready();
  const port = await listenNear(app.server, config.YUNWEI_HOST, config.YUNWEI_HTTP_PORT, options.exactPorts.http);
  closers.add("http", () => app.close());

  const address = `http://${urlHost(config.YUNWEI_HOST)}:${port}`;
  publicUrl ||= address;
  const running: RunningFile = {
    pid: process.pid,
    startedAt,
    version,
    console: address,
    api: `${address}/api/v1`,
    otlp,
    otlpGrpc: `${urlHost(config.YUNWEI_HOST)}:${grpcPort}`,
    deviceDoors: devices.ports,
  };
  await writeRunning(folder, running);
  closers.add("running.json", () => removeRunning(folder));
  return { running, dataFolder: folder.path, logger, firstPassword: console_.firstPassword, close: () => closers.run() };
}

async function openEngines(config: StandaloneConfig, folder: DataFolder, logger: Logger, closers: Closers): Promise<[Store, State, Bus]> {
  const opened = await Promise.allSettled([
    openStore(folder, logger, closers),
    openState(config, folder, logger, closers),
    openTopics(config, folder, logger, closers),
  ]);
  for (const one of opened) if (one.status === "rejected") throw one.reason;
  return opened.map((one) => (one as PromiseFulfilledResult<unknown>).value) as [Store, State, Bus];
}

async function openStore(folder: DataFolder, logger: Logger, closers: Closers): Promise<Store> {
  const store = await openEmbeddedStore({ folder: folder.clickhouse, onTrouble: (message) => logger.error({ part: "clickhouse" }, message) });
  closers.add("clickhouse", () => store.close());
  await migrateStore(store, CLICKHOUSE_MIGRATIONS);
  return store;
}

async function openState(config: StandaloneConfig, folder: DataFolder, logger: Logger, closers: Closers): Promise<State> {
  const state =
    config.YUNWEI_POSTGRES_URL === ""
      ? await openEmbeddedState({ folder: folder.postgres, logger })
      : await openServerState({ url: config.YUNWEI_POSTGRES_URL, logger });
  closers.add("postgres", () => state.close());
  await migrate(state, POSTGRES_MIGRATIONS);
  return state;
}

async function openTopics(config: StandaloneConfig, folder: DataFolder, logger: Logger, closers: Closers): Promise<Bus> {
  const bus = await openBus(config, folder.bus, (message) => logger.warn({ part: "bus" }, message));
  closers.add("bus", () => bus.close());
  await bus.ensureTopics(TOPICS);
  return bus;
}

/** The relay to the core, where one is configured. */
async function openRelay(config: StandaloneConfig, folder: DataFolder, bus: Bus, logger: Logger, closers: Closers): Promise<Relay | undefined> {
  const settings = await readRelaySettings(config);
  if (settings === undefined) return undefined;
  const relay = await startRelay({ bus, folder: folder.bus, site: config.YUNWEI_SITE, settings, logger, nowMs: Date.now });
  closers.add("relay", () => relay.close());
  return relay;
}

interface Door {
  readonly server: Server;
  /** Hands requests to the gateway from now on. */
  open(gateway: Server): void;
}

/** Listens at once, so that the address is known; until the gateway stands, senders are told to come again. */
function createDoor(): Door {
  let gateway: Server | undefined;
  const server = createServer({ requestTimeout: 60_000, headersTimeout: 10_000, keepAliveTimeout: 60_000, maxHeaderSize: 16 * 1024 }, (request, response) => {
    if (gateway !== undefined) gateway.emit("request", request, response);
    else response.writeHead(503, { "retry-after": "1", "content-length": 0 }).end();
  });
  return {
    server,
    open(opened) {
      gateway = opened;
    },
  };
}

/** GET /health: alive, whether what came in has been stored, and has reached the core. Public: it tells nothing of anyone's data. */
function ingestHealth(lag: () => Promise<number>, relay: Relay | undefined) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get("/health", { config: { permission: "public" } }, async () => ({
      status: "ok",
      ingestLag: await lag(),
      ...(relay === undefined ? {} : { relay: relay.status() }),
    }));
  };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 2_000).unref();
  });
}

function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

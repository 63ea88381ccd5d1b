import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createAlerting } from "@yunwei/alerting";
import { anomalyRoutes } from "@yunwei/anomaly";
import { createConsole } from "@yunwei/console";
import { createItsm } from "@yunwei/itsm";
import { createNotify } from "@yunwei/notify";
import { createRca } from "@yunwei/rca";
import { answerErrors, createLogger, guardRoutes, type Logger } from "@yunwei/service-kit";
import { migrate, openEmbeddedState, openServerState, type State } from "@yunwei/state";
import { openEmbeddedStore, type Store } from "@yunwei/store";
import { TopologyCache } from "@yunwei/topology";
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from "fastify";
import { Closers } from "./closers.ts";
import type { StandaloneConfig } from "./config.ts";
import { type FolderPaths, type RunningFile, removeRunning, takeDataFolder, writeRunning } from "./data-folder.ts";
import { type DataPlane, startDataPlane } from "./data-plane/start-data-plane.ts";
import { loadIngestTokens } from "./ingest-tokens.ts";
import { listenNear } from "./listen.ts";
import { openLogFile } from "./log-file.ts";
import { startTelemetry } from "./telemetry.ts";
import { tracedBus } from "./traced-bus.ts";
import { traceRequests } from "./traced-requests.ts";
import { urlHost } from "./url-host.ts";

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

/**
 * All services in one process on the embedded engines: the data plane in a thread of its own, so that people are answered at once
 * whatever comes in, the rest in this one (docs/adr/0013). Everything that was opened is closed again when the start fails.
 */
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
  const { config, onStep, version, exactPorts } = options;
  const nowMs = Date.now;
  const startedAt = new Date(nowMs()).toISOString();
  const { release, ...folder } = await takeDataFolder(config.YUNWEI_DATA);
  closers.add("data folder", release);
  const logFile = config.YUNWEI_LOG === "file" ? openLogFile(folder.path) : undefined;
  if (logFile !== undefined) closers.add("log", async () => logFile.close());
  const log = (service: string): Logger => createLogger(service, config.YUNWEI_LOG_LEVEL, logFile);
  const logger = log("standalone");
  closers.logger = logger;
  const { tokens, localSecret } = await loadIngestTokens(folder);

  let stopState = async (): Promise<void> => undefined;
  const plane = startDataPlane(
    { config, folder, exactPorts, tokens, localSecret, version },
    { writeLog: (line) => logFile?.write(line), onEnd: (error) => void endAsKilled(error, logger, () => stopState()) },
  );
  closers.add("data plane", () => plane.close());
  // The door is open before the services make their instruments; requests wait until they are there.
  const otlp = await plane.calls.openDoor();
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
  const [store, state] = await openEngines(plane, config, folder, logger, closers);
  const { bus } = plane;
  stopState = () => state.close();

  onStep("services");
  const topology = new TopologyCache({
    store,
    declaredPath: folder.topologyFile,
    nowMs,
    onTrouble: (error) => logger.warn({ err: error }, "the topology could not be read again; the last good one stays in use"),
  });
  let publicUrl = config.YUNWEI_PUBLIC_URL;
  const notify = await createNotify({ state, bus: tracedBus(bus, "notify"), logger: log("notify"), nowMs, dataFolder: folder.path, baseUrl: () => publicUrl });
  closers.add("notify", () => notify.close());
  const itsm = await createItsm({ state, bus: tracedBus(bus, "itsm"), logger: log("itsm"), nowMs });
  closers.add("itsm", () => itsm.close());
  const rca = await createRca({ bus: tracedBus(bus, "rca"), state, topology, logger: log("rca"), nowMs });
  closers.add("rca", () => rca.close());
  const alerting = await createAlerting({ bus: tracedBus(bus, "alerting"), store, state, topology, dataFolder: folder.path, logger: log("alerting"), nowMs });
  closers.add("alerting", () => alerting.close());
  const { grpcPort, deviceDoors } = await plane.calls.openServices();

  onStep("console");
  const console_ = await createConsole({
    store,
    state,
    topology,
    logger: log("console"),
    nowMs,
    version,
    adminPassword: config.YUNWEI_ADMIN_PASSWORD,
    ingestLag: () => plane.calls.lag(),
    ingest: plane.office,
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
  const detector = anomalyRoutes({ status: () => plane.calls.detectorStatus(), bandOf: (seriesId) => plane.calls.bandOf(seriesId) });
  await console_.register(app, [ingestHealth(plane), detector, alerting.routes, rca.routes, itsm.routes, notify.routes]);
  await app.ready();
  const port = await listenNear(app.server, config.YUNWEI_HOST, config.YUNWEI_HTTP_PORT, exactPorts.http);
  closers.add("http", () => app.close());

  const host = urlHost(config.YUNWEI_HOST);
  const address = `http://${host}:${port}`;
  publicUrl ||= address;
  const running: RunningFile = {
    pid: process.pid,
    startedAt,
    version,
    console: address,
    api: `${address}/api/v1`,
    otlp,
    otlpGrpc: `${host}:${grpcPort}`,
    deviceDoors,
  };
  await writeRunning(folder, running);
  closers.add("running.json", () => removeRunning(folder));
  return { running, dataFolder: folder.path, logger, firstPassword: console_.firstPassword, close: () => closers.run() };
}

/** The engines of the data plane and PostgreSQL beside each other; then sessions of our own on its ClickHouse. */
async function openEngines(plane: DataPlane, config: StandaloneConfig, folder: FolderPaths, logger: Logger, closers: Closers): Promise<[Store, State]> {
  const [opened, state] = await Promise.allSettled([plane.calls.openEngines(), openState(config, folder, logger, closers)]);
  if (opened.status === "rejected") throw opened.reason;
  if (state.status === "rejected") throw state.reason;
  const store = await openEmbeddedStore({
    folder: folder.clickhouse,
    guardsParts: false,
    onTrouble: (message) => logger.error({ part: "clickhouse" }, message),
  });
  closers.add("clickhouse", () => store.close());
  return [store, state.value];
}

/** How long PostgreSQL gets for an orderly stop; the next start stops what is left of it. */
const LAST_STOP_MS = 5_000;

/** Ends the process for the data plane's error: as kill -9 does, which everything is made for. An orderly close would wait for a ClickHouse that is gone. */
async function endAsKilled(error: Error, logger: Logger, stopState: () => Promise<void>): Promise<void> {
  logger.fatal({ err: error }, "the data plane has ended with an error that nobody caught; the process ends with it: start it again");
  await Promise.race([stopState().catch(() => undefined), sleep(LAST_STOP_MS)]);
  process.kill(process.pid, "SIGKILL");
}

async function openState(config: StandaloneConfig, folder: FolderPaths, logger: Logger, closers: Closers): Promise<State> {
  const state =
    config.YUNWEI_POSTGRES_URL === ""
      ? await openEmbeddedState({ folder: folder.postgres, logger })
      : await openServerState({ url: config.YUNWEI_POSTGRES_URL, logger });
  closers.add("postgres", () => state.close());
  await migrate(state, POSTGRES_MIGRATIONS);
  return state;
}

/** GET /health: alive, whether what came in has been stored, and has reached the core. Public: it tells nothing of anyone's data. */
function ingestHealth({ calls }: DataPlane) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get("/health", { config: { permission: "public" } }, async () => {
      const [ingestLag, relay] = await Promise.all([calls.lag(), calls.relayStatus()]);
      return { status: "ok", ingestLag, ...(relay === undefined ? {} : { relay }) };
    });
  };
}

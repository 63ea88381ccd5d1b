import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type AnomalyService, createAnomaly } from "@yunwei/anomaly";
import { type Bus, type BusCallbacks, type BusCalls, brokersOf, serveBus } from "@yunwei/bus";
import {
  CardinalityGuard,
  createIngest,
  DeadLetterDesk,
  type Ingest,
  openRetention,
  type Relay,
  type Retention,
  readRelaySettings,
  startRelay,
} from "@yunwei/ingest";
import { RequestReader } from "@yunwei/otlp";
import { TOPICS } from "@yunwei/schemas";
import type { Logger } from "@yunwei/service-kit";
import { migrateStore, openEmbeddedStore, type Store } from "@yunwei/store";
import { Closers } from "../closers.ts";
import { bindNear, listenNear } from "../listen.ts";
import { openBus } from "../open-bus.ts";
import { startTelemetry } from "../telemetry.ts";
import { tracedBus } from "../traced-bus.ts";
import { urlHost } from "../url-host.ts";
import type { DataPlaneCalls, DataPlaneSettings } from "./data-plane-calls.ts";
import { createDoor, type OtlpDoor } from "./otlp-door.ts";

const CLICKHOUSE_MIGRATIONS = fileURLToPath(new URL("../../../../schemas/clickhouse", import.meta.url));

interface Engines {
  readonly store: Store;
  readonly bus: Bus;
}

interface Services {
  readonly ingest: Ingest;
  readonly guard: CardinalityGuard;
  readonly retention: Retention;
  readonly relay: Relay | undefined;
  readonly letters: DeadLetterDesk;
  readonly anomaly: AnomalyService;
}

/**
 * The way of all telemetry, in one thread: doors, bus, writers, detection. Its bulk never leaves this thread but into ClickHouse; what
 * the rest of the process gets are findings, over the bus, and answers to the calls of DataPlaneCalls.
 * @param log - makes the logger of a service. @param callbacks - of those who subscribe in another thread
 */
export function createDataPlane(settings: DataPlaneSettings, log: (service: string) => Logger, callbacks: BusCallbacks): DataPlaneCalls {
  const closers = new Closers();
  closers.logger = log("standalone");
  let engines: Engines | undefined;
  let services: Services | undefined;
  let busCalls: BusCalls | undefined;
  let door: OtlpDoor | undefined;
  const running = (): Services => demand(services);
  const bus = (): BusCalls => demand(busCalls);
  return {
    async openDoor() {
      door = createDoor();
      return openDoor(door, settings, closers);
    },
    async openEngines() {
      engines = await openEngines(settings, log("standalone"), closers);
      busCalls = serveBus(engines.bus, callbacks);
    },
    async openServices() {
      const { config, exactPorts, folder } = settings;
      services = await openServices(demand(engines), settings, log, closers);
      const { ingest } = services;
      demand(door).open(ingest.server);
      const grpcPort = await bindNear(ingest.grpc.bind, config.YUNWEI_HOST, config.YUNWEI_GRPC_PORT, exactPorts.grpc);
      closers.add("grpc door", () => ingest.grpc.close());
      const devices = await ingest.openDeviceDoors({ config, host: config.YUNWEI_HOST, folder: folder.path });
      closers.add("device doors", () => devices.close());
      return { grpcPort, deviceDoors: devices.ports };
    },
    closePlane: () => closers.run(),
    ensureTopics: (topics) => bus().ensureTopics(topics),
    publish: (topic, messages) => bus().publish(topic, messages),
    subscribe: (subscription, options) => bus().subscribe(subscription, options),
    unsubscribe: (subscription) => bus().unsubscribe(subscription),
    lagOf: (subscription) => bus().lagOf(subscription),
    lag: () => running().ingest.lag(),
    lagByTopic: () => running().ingest.lagByTopic(),
    quotas: async () => running().ingest.quotas(),
    clockSkew: async () => running().ingest.clockSkew(),
    guardedMetrics: async () => running().guard.guarded(),
    retention: () => running().retention.overview(),
    listLetters: async (filter) => running().letters.list(filter),
    showLetter: (id) => running().letters.show(id),
    replayLetter: (id, request) => running().letters.replay(id, request),
    relayStatus: async () => running().relay?.status(),
    detectorStatus: async () => running().anomaly.status(),
    bandOf: async (seriesId) => running().anomaly.bandOf(seriesId),
  };
}

function demand<T>(opened: T | undefined): T {
  if (opened === undefined) throw new Error("the data plane is asked before it is open");
  return opened;
}

async function openDoor(door: OtlpDoor, { config, exactPorts, localSecret, version }: DataPlaneSettings, closers: Closers): Promise<string> {
  const port = await listenNear(door.server, config.YUNWEI_HOST, config.YUNWEI_OTLP_PORT, exactPorts.otlp);
  closers.add("otlp door", () => door.close());
  const endpoint = `http://${urlHost(config.YUNWEI_HOST)}:${port}`;
  if (config.YUNWEI_SELF_TELEMETRY) {
    const telemetry = startTelemetry({
      endpoint,
      token: localSecret,
      site: config.YUNWEI_SITE,
      version,
      host: false,
      intervalMs: config.YUNWEI_TELEMETRY_INTERVAL_MS,
    });
    closers.addFirst("self telemetry", () => telemetry.close());
  }
  return endpoint;
}

async function openEngines({ config, folder }: DataPlaneSettings, logger: Logger, closers: Closers): Promise<Engines> {
  const [store, bus] = await Promise.allSettled([openStore(folder.clickhouse, logger, closers), openTopics(config, folder.bus, logger, closers)]);
  if (store.status === "rejected") throw store.reason;
  if (bus.status === "rejected") throw bus.reason;
  return { store: store.value, bus: bus.value };
}

async function openStore(folder: string, logger: Logger, closers: Closers): Promise<Store> {
  const store = await openEmbeddedStore({ folder, onTrouble: (message) => logger.error({ part: "clickhouse" }, message) });
  closers.add("clickhouse", () => store.close());
  await migrateStore(store, CLICKHOUSE_MIGRATIONS);
  return store;
}

async function openTopics(config: DataPlaneSettings["config"], folder: string, logger: Logger, closers: Closers): Promise<Bus> {
  const bus = await openBus(config, folder, (message) => logger.warn({ part: "bus" }, message));
  closers.add("bus", () => bus.close());
  await bus.ensureTopics(TOPICS);
  return bus;
}

async function openServices({ store, bus }: Engines, settings: DataPlaneSettings, log: (service: string) => Logger, closers: Closers): Promise<Services> {
  const { config, folder, tokens } = settings;
  const nowMs = Date.now;
  const guard = new CardinalityGuard(config.YUNWEI_MAX_SERIES_PER_METRIC, nowMs);
  const reader = new RequestReader(2, { guard, handsOn: brokersOf(config.YUNWEI_KAFKA_BROKERS).length === 0 }); // for the writer and the detectors
  const relay = await openRelay(settings, bus, log("relay"), closers);
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
  closers.add("ingest", () => ingest.close());
  const letters = await DeadLetterDesk.open({ bus, store, retention: retention.book, folder: join(folder.path, "dead-letters"), logger: log("ingest"), nowMs });
  closers.add("dead letters", () => letters.close());
  const anomaly = await createAnomaly({ bus: tracedBus(bus, "anomaly"), store, reader, logger: log("anomaly"), dataFolder: folder.path, nowMs });
  closers.add("anomaly", () => anomaly.close());
  return { ingest, guard, retention, relay, letters, anomaly };
}

/** The relay to the core, where one is configured. */
async function openRelay({ config, folder }: DataPlaneSettings, bus: Bus, logger: Logger, closers: Closers): Promise<Relay | undefined> {
  const settings = await readRelaySettings(config);
  if (settings === undefined) return undefined;
  const relay = await startRelay({ bus, folder: folder.bus, site: config.YUNWEI_SITE, settings, logger, nowMs: Date.now });
  closers.add("relay", () => relay.close());
  return relay;
}

import type { Server } from "node:http";
import { metrics } from "@opentelemetry/api";
import type { Bus } from "@yunwei/bus";
import { RequestReader } from "@yunwei/otlp";
import type { Logger } from "@yunwei/service-kit";
import type { Store } from "@yunwei/store";
import type { SourceClock } from "./clock-skew/skew-book.ts";
import { type DeviceDoorOptions, type DeviceDoors, openDeviceDoors } from "./device-doors.ts";
import { type IngestToken, TokenBook } from "./domain/ingest-token.ts";
import { WritePressure } from "./domain/write-pressure.ts";
import { Admission } from "./gateway/admission.ts";
import { createGatewayServer } from "./gateway/gateway-server.ts";
import { createGrpcServer, type GrpcDoor } from "./grpc/grpc-server.ts";
import type { QuotaState } from "./quota/quota-book.ts";
import type { RetentionBook } from "./retention/retention-book.ts";
import { CallRepair } from "./writer/call-repair.ts";
import { logSignal, metricSignal, type SignalTables, spanSignal } from "./writer/signal-tables.ts";
import { SignalWriter } from "./writer/signal-writer.ts";

export interface GatewayDependencies {
  readonly bus: Bus;
  readonly logger: Logger;
  readonly nowMs: () => number;
  readonly tokens: readonly IngestToken[];
  /** Shared by all in the process that read requests; by default the gateway only checks, and the writer reads for itself. */
  readonly reader?: RequestReader;
}

/** The doors of ingest: checks what comes in and makes it durable on the bus. Holds nothing that another process would miss. */
export interface Gateway {
  /** OTLP/HTTP and Prometheus remote write. Not listening: the caller says where. */
  readonly server: Server;
  /** OTLP/gRPC. Not listening either; closed by whoever bound it. */
  readonly grpc: GrpcDoor;
  /** Syslog, SNMP traps and link probes, as far as they are configured; closed by the caller, before the bus. @throws YunweiError (see openDeviceDoors) */
  openDeviceDoors(options: DeviceDoorOptions): Promise<DeviceDoors>;
  /** Limits of tokens, and what was refused because of them; and the clocks of senders, as their data shows them. */
  quotas(): QuotaState[];
  clockSkew(): SourceClock[];
}

export interface WriterDependencies {
  /** Which retention class a log gets; by default all are "std". */
  readonly retention?: RetentionBook;
  /** Whether other processes store spans as well: calls whose ends are taken by two of them are counted from the store. */
  readonly amongOthers?: boolean;
  readonly bus: Bus;
  readonly store: Store;
  readonly logger: Logger;
  readonly nowMs: () => number;
  readonly reader?: RequestReader;
}

/** The way from the bus to ClickHouse. Processes with writers share the partitions of the topics among them. */
export interface Writers {
  /** Messages not stored yet, all signals together, whichever process will store them. */
  lag(): Promise<number>;
  /** The same by topic. */
  lagByTopic(): Promise<Record<string, number>>;
  /** Stops after the batch in hand. */
  close(): Promise<void>;
}

export type IngestDependencies = GatewayDependencies & WriterDependencies;
/** Both roles in one process; the server is closed by whoever listened, and the gRPC door by whoever bound it, before `close`. */
export type Ingest = Gateway & Writers;

/** One admission behind all doors. */
export function createGateway(dependencies: GatewayDependencies): Gateway {
  const { bus, logger, nowMs, tokens, reader = new RequestReader(0) } = dependencies;
  const admission = new Admission({ bus, reader, tokens: new TokenBook(tokens), logger, nowMs });
  return {
    server: createGatewayServer(admission),
    grpc: createGrpcServer(admission),
    openDeviceDoors: (options) => openDeviceDoors({ ...options, admission, tokens, logger, nowMs }),
    quotas: () => admission.quotas(),
    clockSkew: () => admission.clockSkew(),
  };
}

/** A writer per signal, already running. */
export async function createWriters(dependencies: WriterDependencies): Promise<Writers> {
  const { bus, store, logger, nowMs, reader = new RequestReader(1), amongOthers = false } = dependencies;
  const repair = new CallRepair({ store, logger, nowMs });
  await repair.start();
  const signals = [metricSignal(store, nowMs), spanSignal(store, nowMs, repair, amongOthers), logSignal(store, nowMs, dependencies.retention)];
  const pressure = new WritePressure(signals.length);
  const writers = signals.map((signal) => new SignalWriter({ bus, store, reader, pressure, logger, nowMs }, signal as SignalTables));
  for (const writer of writers) await writer.start();
  return {
    lag: async () => (await Promise.all(writers.map((writer) => writer.lag()))).reduce((sum, lag) => sum + lag, 0),
    lagByTopic: async () => Object.fromEntries(await Promise.all(signals.map(async ({ topic }, i) => [topic, await writers[i]!.lag()] as const))),
    close: async () => {
      await Promise.all([...writers.map((writer) => writer.close()), repair.close()]);
    },
  };
}

/** Both roles in one process, the writers already running. */
export async function createIngest(dependencies: IngestDependencies): Promise<Ingest> {
  const shared = { reader: new RequestReader(1), ...dependencies };
  const writers = await createWriters(shared);
  metrics
    .getMeter("yunwei.ingest")
    .createObservableCounter("yunwei.ingest.requests_read_again", {
      unit: "{request}",
      description: "Requests that the writer or the detectors had to decode once more: they came for it too late.",
    })
    .addCallback((result) => result.observe(shared.reader.readAgain));
  return { ...createGateway(shared), ...writers };
}

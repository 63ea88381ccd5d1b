import type { Server } from "node:http";
import type { Bus } from "@yunwei/bus";
import type { Logger } from "@yunwei/service-kit";
import type { Store } from "@yunwei/store";
import { type IngestToken, TokenBook } from "./domain/ingest-token.ts";
import { Admission } from "./gateway/admission.ts";
import { createGatewayServer } from "./gateway/gateway-server.ts";
import { createGrpcServer, type GrpcDoor } from "./grpc/grpc-server.ts";
import { logSignal, metricSignal, spanSignal } from "./writer/signal-tables.ts";
import { SignalWriter } from "./writer/signal-writer.ts";

export interface IngestDependencies {
  readonly bus: Bus;
  readonly store: Store;
  readonly logger: Logger;
  readonly nowMs: () => number;
  readonly tokens: readonly IngestToken[];
}

export interface Ingest {
  /** OTLP/HTTP and Prometheus remote write. Not listening: the caller says where. */
  readonly server: Server;
  /** OTLP/gRPC. Not listening either; closed by whoever bound it, before `close`. */
  readonly grpc: GrpcDoor;
  /** Messages not stored yet, all signals together. */
  lag(): Promise<number>;
  /** Stops the writers after the batch in hand; the server is closed by whoever listened. */
  close(): Promise<void>;
}

/** Both roles of ingest: the gateway (OTLP, remote write -> bus) and the writers (bus -> ClickHouse), already running. */
export async function createIngest(dependencies: IngestDependencies): Promise<Ingest> {
  const { bus, store, logger, nowMs, tokens } = dependencies;
  const writers = [metricSignal, spanSignal, logSignal].map((signal) => new SignalWriter({ bus, store, logger, nowMs }, signal(store, nowMs)));
  for (const writer of writers) await writer.start();
  const admission = new Admission({ bus, tokens: new TokenBook(tokens), logger, nowMs });
  return {
    server: createGatewayServer(admission),
    grpc: createGrpcServer(admission),
    lag: async () => (await Promise.all(writers.map((writer) => writer.lag()))).reduce((sum, lag) => sum + lag, 0),
    close: async () => {
      await Promise.all(writers.map((writer) => writer.close()));
    },
  };
}

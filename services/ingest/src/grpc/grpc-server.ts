import { logVerbosity, Server, ServerCredentials, setLogVerbosity } from "@grpc/grpc-js";
import { YunweiError } from "@yunwei/schemas";
import { type Admission, MAX_BODY_BYTES } from "../gateway/admission.ts";
import { admitInterceptor } from "./admit-interceptor.ts";
import { EXPORT_SERVICES, exportDefinition, exportHandler } from "./export-services.ts";
import { HEALTH_DEFINITION, Health } from "./health-service.ts";

export interface GrpcDoor {
  readonly server: Server;
  /**
   * Listens; port 0 takes a free one.
   * @returns the port
   * @throws YunweiError YUNWEI_ENGINE_FAILED when the address is taken or not ours
   */
  bind(host: string, port: number): Promise<number>;
  /** Takes no new calls, waits for those in hand, then lets go of all connections. Idempotent. */
  close(): Promise<void>;
}

/** Calls in hand may go on for this long when the door closes. */
const CLOSE_GRACE_MS = 5_000;

const OPTIONS = {
  // grpc-js has one limit for what comes over the wire and for what it becomes without its compression: the smaller of ours.
  "grpc.max_receive_message_length": MAX_BODY_BYTES,
  "grpc.max_concurrent_streams": 128,
  "grpc.keepalive_time_ms": 60_000,
  "grpc.keepalive_timeout_ms": 20_000,
  "grpc.max_connection_idle_ms": 15 * 60_000,
  // Senders connect again now and then, so that they spread over gateways that came later.
  "grpc.max_connection_age_ms": 60 * 60_000,
  "grpc.max_connection_age_grace_ms": 60_000,
} as const; // channelz stays on: without its list of sessions forceShutdown() of grpc-js 1.14 closes none

/** OTLP/gRPC and grpc.health.v1 without TLS. Not listening yet: the caller says where. */
export function createGrpcServer(admission: Admission): GrpcDoor {
  setLogVerbosity(logVerbosity.NONE); // what goes wrong comes back as an error; grpc-js would write it to stderr as well
  const health = new Health([...EXPORT_SERVICES.keys()]);
  const server = new Server({ ...OPTIONS, interceptors: [admitInterceptor(admission)] });
  server.addService(HEALTH_DEFINITION, { Check: health.check, Watch: health.watch });
  for (const [service, signal] of EXPORT_SERVICES) server.addService(exportDefinition(service), { Export: exportHandler(admission, signal) });
  let closing: Promise<void> | undefined;
  return {
    server,
    bind: (host, port) => bind(server, host, port),
    close: () => (closing ??= close(server, health)),
  };
}

function bind(server: Server, host: string, port: number): Promise<number> {
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(new YunweiError("YUNWEI_ENGINE_FAILED", `OTLP/gRPC cannot listen on ${address}: ${error.message}`, { cause: error }));
    });
  });
}

function close(server: Server, health: Health): Promise<void> {
  health.stop();
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.forceShutdown(), CLOSE_GRACE_MS);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

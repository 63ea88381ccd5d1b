import { type handleServerStreamingCall, type handleUnaryCall, type ServerWritableStream, type ServiceDefinition, status } from "@grpc/grpc-js";
import { Wire } from "@yunwei/otlp";

/*
 * grpc.health.v1
 *   HealthCheckRequest { 1 service }      HealthCheckResponse { 1 status: 0 unknown, 1 serving, 2 not serving, 3 service unknown (Watch only) }
 *   Check is unary; Watch answers at once and then at every change.
 */

export const HEALTH_SERVICE = "grpc.health.v1.Health";

const SERVING = 1;
const NOT_SERVING = 2;
const SERVICE_UNKNOWN = 3;
/** Watchers come without a token: more of them are refused. */
const MAX_WATCHERS = 256;

const bytes = (value: Buffer): Buffer => value;
const method = (name: string, responseStream: boolean) => ({
  path: `/${HEALTH_SERVICE}/${name}`,
  requestStream: false,
  responseStream,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
});

/** The methods of grpc.health.v1.Health, messages as bytes. */
export const HEALTH_DEFINITION: ServiceDefinition = { Check: method("Check", false), Watch: method("Watch", true) };

const answer = (state: number): Buffer => Buffer.from([0x08, state]);

/** Tells load balancers and probes whether the Export services take requests: all or none of them do. */
export class Health {
  readonly #known: ReadonlySet<string>;
  readonly #watchers = new Map<ServerWritableStream<Buffer, Buffer>, boolean>();
  #state = SERVING;

  /** @param services - full names that may be asked for; "" (the whole server) may be asked for too */
  constructor(services: readonly string[]) {
    this.#known = new Set(["", ...services]);
  }

  readonly check: handleUnaryCall<Buffer, Buffer> = (call, callback) => {
    const service = readService(call.request);
    if (service === undefined) callback({ code: status.INVALID_ARGUMENT, details: "not a HealthCheckRequest" });
    else if (this.#known.has(service)) callback(null, answer(this.#state));
    else callback({ code: status.NOT_FOUND, details: "there is no such service here" });
  };

  readonly watch: handleServerStreamingCall<Buffer, Buffer> = (call) => {
    const service = readService(call.request);
    if (service === undefined || this.#watchers.size >= MAX_WATCHERS) {
      const code = service === undefined ? status.INVALID_ARGUMENT : status.RESOURCE_EXHAUSTED;
      call.emit("error", { code, details: service === undefined ? "not a HealthCheckRequest" : `more than ${MAX_WATCHERS} watch already` });
      return;
    }
    const known = this.#known.has(service);
    this.#watchers.set(call, known);
    call.on("cancelled", () => this.#watchers.delete(call));
    call.write(answer(known ? this.#state : SERVICE_UNKNOWN));
  };

  /** From now on nothing is taken: tells those who watch, and lets them go. */
  stop(): void {
    this.#state = NOT_SERVING;
    for (const [call, known] of this.#watchers) {
      if (known) call.write(answer(NOT_SERVING));
      call.end();
    }
    this.#watchers.clear();
  }
}

/** The name asked for; undefined when the bytes are no HealthCheckRequest. */
function readService(request: Buffer): string | undefined {
  const wire = new Wire();
  wire.open(request);
  let service = "";
  try {
    while (wire.next(request.length)) {
      if (wire.field !== 1) {
        wire.skip(request.length);
        continue;
      }
      const end = wire.sliceEnd(request.length);
      service = request.toString("utf8", wire.pos, end);
      wire.pos = end;
    }
  } catch {
    return undefined;
  }
  return service;
}

import { type handleUnaryCall, type ServiceDefinition, status } from "@grpc/grpc-js";
import type { Signal } from "@yunwei/schemas";
import type { Admission } from "../gateway/admission.ts";
import { successBody } from "../gateway/otlp-response.ts";
import { authorizationOf } from "./admit-interceptor.ts";
import { grpcStatusOf } from "./grpc-status.ts";

/*
 * opentelemetry.proto.collector.{metrics,trace,logs}.v1: one unary method each, Export(Export*ServiceRequest) -> Export*ServiceResponse.
 */

/** Full names of the three services of OTLP/gRPC. */
export const EXPORT_SERVICES: ReadonlyMap<string, Signal> = new Map([
  ["opentelemetry.proto.collector.metrics.v1.MetricsService", "metrics"],
  ["opentelemetry.proto.collector.trace.v1.TraceService", "traces"],
  ["opentelemetry.proto.collector.logs.v1.LogsService", "logs"],
]);

const bytes = (value: Buffer): Buffer => value;

/** One service's definition; messages pass as bytes, nothing is made of them. */
export function exportDefinition(service: string): ServiceDefinition {
  return {
    Export: {
      path: `/${service}/Export`,
      requestStream: false,
      responseStream: false,
      requestSerialize: bytes,
      requestDeserialize: bytes,
      responseSerialize: bytes,
      responseDeserialize: bytes,
    },
  };
}

/** Takes the Export calls of one signal; OK is answered only when the bus has made the request durable. */
export function exportHandler(admission: Admission, signal: Signal): handleUnaryCall<Buffer, Buffer> {
  const take = async (authorization: string | undefined, body: Buffer): Promise<Buffer> => {
    const token = admission.token(authorization);
    const release = admission.hold(body.length);
    try {
      // grpc-js has taken the compression off; what is large is compressed again before it goes to the bus.
      const received = { protocol: "otlp/grpc", signal, encoding: "protobuf", body, contentEncoding: "", token, receivedMs: admission.nowMs() } as const;
      const { rejected, problem } = await admission.take(received);
      return successBody(signal, "protobuf", rejected, problem);
    } finally {
      release();
    }
  };
  return (call, callback) => {
    take(authorizationOf(call.metadata), call.request).then(
      (response) => {
        admission.answered(signal, "otlp/grpc", { "rpc.grpc.status_code": status.OK });
        callback(null, response);
      },
      (error: unknown) => {
        const refused = grpcStatusOf(admission.refusal(error, { signal }));
        admission.answered(signal, "otlp/grpc", { "rpc.grpc.status_code": refused.code });
        callback(refused);
      },
    );
  };
}

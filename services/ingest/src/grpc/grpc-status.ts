import { Metadata, type StatusObject, status } from "@grpc/grpc-js";
import type { Refusal } from "../gateway/admission.ts";
import { lengthDelimited, statusBody } from "../gateway/otlp-response.ts";

/*
 * google.rpc.Status    { 1 code int32, 2 message, 3 details Any }      Any { 1 type_url, 2 value }
 * google.rpc.RetryInfo { 1 retry_delay Duration { 1 seconds } }
 */

/** By HTTP status. What may be sent again is UNAVAILABLE; RESOURCE_EXHAUSTED without RetryInfo tells a sender not to (OTLP specification, "Failures"). */
const CODES: Readonly<Record<number, status>> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  413: status.RESOURCE_EXHAUSTED,
  415: status.INVALID_ARGUMENT,
  429: status.UNAVAILABLE,
  503: status.UNAVAILABLE,
};
/** A status travels in HTTP/2 headers, which senders bound at 8 or 16 KiB. */
const MAX_MESSAGE_CHARACTERS = 1000;

const RETRY_INFO_TYPE = lengthDelimited(1, Buffer.from("type.googleapis.com/google.rpc.RetryInfo"));
/** A longer one is one byte more; senders cap it anyway. */
const MAX_RETRY_S = 127;

function retryInfo(seconds: number): Buffer {
  const delay = lengthDelimited(1, Buffer.from([0x08, Math.min(seconds, MAX_RETRY_S)]));
  return lengthDelimited(3, Buffer.concat([RETRY_INFO_TYPE, lengthDelimited(2, delay)]));
}

/** The gRPC status of a refusal, with its google.rpc.Status in `grpc-status-details-bin`; RetryInfo is in it when the same request may succeed later. */
export function grpcStatusOf(refusal: Refusal): StatusObject {
  const code = refusal.isQuota === true ? status.RESOURCE_EXHAUSTED : (CODES[refusal.status] ?? status.INTERNAL);
  // grpc-js passes the text through encodeURI, which throws on half a surrogate pair.
  const details = refusal.message.slice(0, MAX_MESSAGE_CHARACTERS).toWellFormed();
  const body = statusBody("protobuf", code, details);
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", refusal.retryAfterS === undefined ? body : Buffer.concat([body, retryInfo(refusal.retryAfterS)]));
  return { code, details, metadata };
}

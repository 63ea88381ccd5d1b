import type { Signal } from "@yunwei/schemas";

/** What the sender speaks: answers are in the encoding of the request (OTLP specification, OTLP/HTTP Response). */
export type Encoding = "protobuf" | "json";

export const CONTENT_TYPE: Readonly<Record<Encoding, string>> = { protobuf: "application/x-protobuf", json: "application/json" };

const REJECTED_FIELD: Readonly<Record<Signal, string>> = { metrics: "rejectedDataPoints", traces: "rejectedSpans", logs: "rejectedLogRecords" };

function varint(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  while (rest > 127) {
    out.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
  return out;
}

/** A protobuf field of wire type 2; `field` is at most 15. */
export const lengthDelimited = (field: number, bytes: Uint8Array): Buffer => Buffer.concat([Buffer.from([(field << 3) | 2, ...varint(bytes.length)]), bytes]);

/** Export*ServiceResponse { 1 partial_success { 1 rejected int64, 2 error_message } }; empty when nothing was refused. */
export function successBody(signal: Signal, encoding: Encoding, rejected: number, problem: string | undefined): Buffer {
  if (rejected === 0) return Buffer.from(encoding === "json" ? "{}" : "");
  const message = `${problem ?? "refused"}${rejected > 1 ? ` (and ${rejected - 1} more)` : ""}`;
  if (encoding === "json") return Buffer.from(JSON.stringify({ partialSuccess: { [REJECTED_FIELD[signal]]: String(rejected), errorMessage: message } }));
  const partial = Buffer.concat([Buffer.from([0x08, ...varint(rejected)]), lengthDelimited(2, Buffer.from(message, "utf8"))]);
  return lengthDelimited(1, partial);
}

/** google.rpc.Status { 1 code int32, 2 message }: what OTLP/HTTP wants as the body of every error. */
export function statusBody(encoding: Encoding, grpcCode: number, message: string): Buffer {
  if (encoding === "json") return Buffer.from(JSON.stringify({ code: grpcCode, message }));
  return Buffer.concat([Buffer.from([0x08, ...varint(grpcCode)]), lengthDelimited(2, Buffer.from(message, "utf8"))]);
}

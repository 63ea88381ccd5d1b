import protobuf from "protobufjs";

/** Items of a request that were left out, and why the first one was; 0 and "" when all were taken. */
export interface RejectedItems {
  readonly rejected: number;
  readonly message: string;
}

const NONE: RejectedItems = { rejected: 0, message: "" };

/*
 * Export*ServiceResponse { 1: partial_success { 1: rejected items int64, 2: error_message } }, the same for all three signals;
 * in JSON { partialSuccess: { rejectedDataPoints | rejectedSpans | rejectedLogRecords, errorMessage } }.
 */
/** Reads the partial success of an answer with status 200. An answer that cannot be read counts as "all taken". */
export function rejectedItems(encoding: "protobuf" | "json", answer: Uint8Array): RejectedItems {
  if (answer.length === 0) return NONE;
  try {
    return encoding === "json" ? fromJson(answer) : fromProtobuf(answer);
  } catch {
    return NONE;
  }
}

function fromJson(answer: Uint8Array): RejectedItems {
  const { partialSuccess } = JSON.parse(Buffer.from(answer).toString("utf8")) as { partialSuccess?: Record<string, unknown> };
  if (partialSuccess === undefined) return NONE;
  const count = Object.entries(partialSuccess).find(([name]) => name.startsWith("rejected"))?.[1];
  return { rejected: Number(count ?? 0), message: String(partialSuccess["errorMessage"] ?? "") };
}

function fromProtobuf(answer: Uint8Array): RejectedItems {
  const reader = protobuf.Reader.create(answer);
  if (reader.uint32() >>> 3 !== 1) return NONE;
  const end = reader.uint32() + reader.pos;
  let rejected = 0;
  let message = "";
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) rejected = Number(reader.int64());
    else if (tag >>> 3 === 2) message = reader.string();
    else reader.skipType(tag & 7);
  }
  return { rejected, message };
}

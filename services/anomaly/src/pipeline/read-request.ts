import type { DeliveredMessage } from "@yunwei/bus";
import { identityOf, inflateBody, type StreamIdentity } from "@yunwei/otlp";
import { YunweiError } from "@yunwei/schemas";
import type { Logger } from "@yunwei/service-kit";

/** The gateway lets no larger request in. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** An Export request, uncompressed, and who sent it. */
export interface OtlpRequest {
  readonly body: Uint8Array;
  readonly identity: StreamIdentity;
}

/** The request in a bus message, or undefined when its compression is damaged: the writer puts it on the dead-letter topic. */
export async function readRequest(message: DeliveredMessage, logger: Logger): Promise<OtlpRequest | undefined> {
  const told = identityOf(message.headers);
  // A Collector that writes to the bus itself says no time of reception: the bus does.
  const identity = Number.isNaN(told.receivedMs) ? { ...told, receivedMs: message.timestampMs } : told;
  try {
    return { body: await inflateBody(message.value, message.headers?.["content-encoding"], MAX_BODY_BYTES), identity };
  } catch (error) {
    leaveOut(error, message, logger);
    return undefined;
  }
}

/**
 * Decodes a request into the columns of `decoder`. Synchronous, and the columns must be used before the next await:
 * partitions share the decoder. @returns false when it is malformed, which the writer reports
 */
export function decodeRequest(
  decoder: { decode(body: Uint8Array, identity: StreamIdentity): void },
  request: OtlpRequest,
  message: DeliveredMessage,
  logger: Logger,
): boolean {
  try {
    decoder.decode(request.body, request.identity);
    return true;
  } catch (error) {
    leaveOut(error, message, logger);
    return false;
  }
}

function leaveOut(error: unknown, message: DeliveredMessage, logger: Logger): void {
  if (!(error instanceof YunweiError) || error.retryable) throw error;
  logger.debug({ code: error.code, topic: message.topic, partition: message.partition, offset: message.offset }, "unreadable request left out");
}

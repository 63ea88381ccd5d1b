import type { DeliveredMessage } from "@yunwei/bus";
import { type DecodedBySignal, identityOf, type RequestReader } from "@yunwei/otlp";
import { type Signal, YunweiError } from "@yunwei/schemas";
import type { Logger } from "@yunwei/service-kit";

/** A request and who sent it. */
export interface OtlpRequest<S extends Signal> {
  readonly decoded: DecodedBySignal[S];
  readonly source: string;
}

/** The request in a bus message, or undefined when it is damaged or malformed: the writer puts it on the dead-letter topic. */
export async function readRequest<S extends Signal>(
  reader: RequestReader,
  signal: S,
  message: DeliveredMessage,
  logger: Logger,
): Promise<OtlpRequest<S> | undefined> {
  const { headers, value, topic, partition, offset } = message;
  const identity = identityOf(headers, message.timestampMs);
  try {
    return { decoded: await reader.read(signal, value, headers?.["content-encoding"], identity), source: identity.source };
  } catch (error) {
    if (!(error instanceof YunweiError) || error.retryable) throw error;
    logger.debug({ code: error.code, topic, partition, offset }, "unreadable request left out");
    return undefined;
  }
}

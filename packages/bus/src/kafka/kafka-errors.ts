import { findErrorBy } from "@platformatic/kafka";
import { YunweiError } from "@yunwei/schemas";

/** Whether a broker answered with one of these Kafka error names (e.g. "STALE_MEMBER_EPOCH"), anywhere in the driver's chain of errors. */
export function hasKafkaError(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.some((name) => findErrorBy(error, "apiId", name) !== null);
}

/** The innermost reason in a few words: the driver wraps each of its own retries. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors.at(-1));
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} ${error.cause.message}`.trim() : error.message;
}

export function unavailable(what: string, cause?: unknown): YunweiError {
  return cause === undefined
    ? new YunweiError("YUNWEI_BUS_UNAVAILABLE", what)
    : new YunweiError("YUNWEI_BUS_UNAVAILABLE", `${what}: ${reasonOf(cause)}`, { cause });
}

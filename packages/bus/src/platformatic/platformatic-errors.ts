import { findErrorBy } from "@platformatic/kafka";

/** Whether a broker answered with one of these Kafka error names (e.g. "STALE_MEMBER_EPOCH"), anywhere in the driver's chain of errors. */
export function hasKafkaError(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.some((name) => findErrorBy(error, "apiId", name) !== null);
}

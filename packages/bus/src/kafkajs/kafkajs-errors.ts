const MOST_CAUSES = 20;

/** Whether a broker answered with one of these Kafka error names (e.g. "ILLEGAL_GENERATION"), anywhere in kafkajs's chain of errors. */
export function hasKafkaJsType(error: unknown, ...names: readonly string[]): boolean {
  let one = error;
  for (let depth = 0; one instanceof Error && depth < MOST_CAUSES; depth++) {
    if (names.includes((one as { type?: string }).type ?? "")) return true;
    one = one.cause;
  }
  return false;
}

/** An entity as a reporter of its source's clock: 28 bits of its id, the same in every process. */
export function reporterOf(entityId: string): number {
  return Number.parseInt(entityId.slice(0, 7), 16);
}

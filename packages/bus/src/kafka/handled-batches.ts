/**
 * Batches that this process has handled but could not commit before it lost the partition (a broker that died, a membership
 * that ended). When the partition comes back and the group still stands at the beginning of such a batch, there is no need
 * to have it handled again: whatever others did meanwhile, every message of it has been.
 */
export class HandledBatches {
  readonly #batches = new Map<number, { readonly first: number; readonly next: number }>();

  /** At most one for each partition: a member that cannot commit does not go on. */
  remember(partition: number, first: number, next: number): void {
    this.#batches.set(partition, { first, next });
  }

  /** Where to go on instead of at `offset`, the group's commit; undefined when nothing is known about a batch that begins there. */
  after(partition: number, offset: number): number | undefined {
    const batch = this.#batches.get(partition);
    return batch?.first === offset ? batch.next : undefined;
  }

  /** Once the partition is held again: who sets the group's offset back later means it. */
  forget(partition: number): void {
    this.#batches.delete(partition);
  }
}

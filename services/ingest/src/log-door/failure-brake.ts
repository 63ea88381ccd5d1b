const WINDOW_MS = 10_000;
const MAX_FAILURES = 20;
const MAX_PEERS = 1_000;

/** Says who has sent too many messages that failed: checking passwords of more would cost us what they cost nobody else. */
export class FailureBrake {
  readonly #failures = new Map<string, { count: number; sinceMs: number }>();

  /** Whether what `peer` sends is to be left unread for now: 20 failures in 10 s, until those 10 s are over. */
  isHeld(peer: string, nowMs: number): boolean {
    const found = this.#failures.get(peer);
    if (found === undefined) return false;
    if (nowMs - found.sinceMs >= WINDOW_MS) {
      this.#failures.delete(peer);
      return false;
    }
    return found.count >= MAX_FAILURES;
  }

  failed(peer: string, nowMs: number): void {
    const found = this.#failures.get(peer);
    if (found !== undefined && nowMs - found.sinceMs < WINDOW_MS) found.count++;
    else {
      if (this.#failures.size >= MAX_PEERS) this.#failures.clear();
      this.#failures.set(peer, { count: 1, sinceMs: nowMs });
    }
  }
}

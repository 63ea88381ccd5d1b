/** Nothing came within our own time limit: the connection, and whatever else waits on it, is not worth waiting for. */
export class NoAnswerError extends Error {}

/**
 * Waits for an answer for `limitMs` at most; what comes later is dropped.
 * @throws NoAnswerError after `limitMs`, and whatever `work` throws
 */
export function answered<T>(work: Promise<T>, limitMs: number, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new NoAnswerError(`${what}: no answer within ${limitMs / 1_000} s`)), limitMs);
    void work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

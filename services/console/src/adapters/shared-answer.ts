/** An answer that many ask for at once is worked out once, and again only when it is older than `freshMs`. A failure is not kept. */
export function sharedAnswer<T>(work: () => Promise<T>, freshMs: number, nowMs: () => number): () => Promise<T> {
  let answer: Promise<T> | undefined;
  let bornMs = 0;
  return () => {
    if (answer !== undefined && nowMs() - bornMs < freshMs && nowMs() >= bornMs) return answer;
    bornMs = nowMs();
    const fresh = work();
    answer = fresh;
    fresh.catch(() => {
      if (answer === fresh) answer = undefined;
    });
    return fresh;
  };
}

/** Waits for `work`, for as long as it takes, and tells every `everyMs` that it still does: what hangs can be read from the log. */
export async function tellIfSlow<T>(work: Promise<T>, what: string, onTrouble: (message: string) => void, everyMs = 30_000): Promise<T> {
  const startMs = Date.now();
  const timer = setInterval(() => onTrouble(`${what} for ${Math.round((Date.now() - startMs) / 1_000)} s now`), everyMs);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}

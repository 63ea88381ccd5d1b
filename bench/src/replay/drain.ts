import type { ApiClient, SpawnedStandalone } from "@yunwei/testkit";

const POLL_MS = 250;
/** The detector counts as idle after so many looks without a new point. */
const STILL_LOOKS = 6;
const PATIENCE_MS = 10 * 60_000;

/** Messages that were taken in and are not stored yet. */
export async function ingestLag({ console }: Pick<SpawnedStandalone, "console">): Promise<number> {
  return ((await (await fetch(`${console}/health`)).json()) as { ingestLag: number }).ingestLag;
}

/** Waits until all that was sent is stored and the detector has seen it. @throws Error when that takes over ten minutes */
export async function drained(standalone: SpawnedStandalone, api: ApiClient, stop: AbortSignal): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  let still = 0;
  let points = -1;
  while (!stop.aborted && still < STILL_LOOKS) {
    if (performance.now() > deadline) throw new Error("the standalone does not get through what was sent: see standalone.log in its data folder");
    const now = (await api.get<{ points: number }>("/detector")).points;
    still = (await ingestLag(standalone)) === 0 && now === points ? still + 1 : 0;
    points = now;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

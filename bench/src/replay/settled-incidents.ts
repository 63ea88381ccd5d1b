import type { IncidentSnapshot } from "@yunwei/schemas";
import type { ApiClient } from "@yunwei/testkit";
import { sleep } from "./sleep.ts";

const POLL_MS = 1_000;
/** Nothing new for so many looks = settled. */
const STILL_LOOKS = 8;
/** A group that is younger than a diagnosis wants waits this long by our clock. */
const PATIENCE_MS = 75_000;

/** The incidents that began in [fromMs, toMs] of event time, oldest first, once no more is said of them. */
export async function settledIncidents(api: ApiClient, fromMs: number, toMs: number, stop: AbortSignal): Promise<IncidentSnapshot[]> {
  const deadline = performance.now() + PATIENCE_MS;
  let still = 0;
  let print = "";
  for (;;) {
    const found = (await api.incidents())
      .filter(({ startedAt }) => Date.parse(startedAt) >= fromMs && Date.parse(startedAt) <= toMs)
      .sort((a, b) => (a.startedAt < b.startedAt ? -1 : a.startedAt > b.startedAt ? 1 : a.number < b.number ? -1 : 1));
    const now = JSON.stringify(found.map(({ incidentId, state, alertCount, report }) => [incidentId, state, alertCount, report?.revision]));
    still = now === print ? still + 1 : 0;
    print = now;
    const told = found.every(({ report }) => report !== undefined);
    if (stop.aborted || performance.now() > deadline || (still >= STILL_LOOKS && told)) return found;
    await sleep(POLL_MS, stop);
  }
}

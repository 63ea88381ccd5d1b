import { type Logger, YunweiError } from "@yunwei/service-kit";
import type { State } from "@yunwei/state";
import type { IncidentDesk } from "./incident-desk.ts";
import { incidentsWithDueClock } from "./incident-store.ts";

const TICK_MS = 1000;
const BATCH_INCIDENTS = 100;

/** Rings the clocks of incidents when they are due. @returns stops it, after the round in hand */
export function startIncidentTimer(state: State, desk: IncidentDesk, nowMs: () => number, logger: Logger): () => Promise<void> {
  let round: Promise<void> | undefined;
  const timer = setInterval(() => {
    round ??= ringDue(state, desk, nowMs, logger).finally(() => {
      round = undefined;
    });
  }, TICK_MS);
  return async () => {
    clearInterval(timer);
    await round;
  };
}

async function ringDue(state: State, desk: IncidentDesk, nowMs: () => number, logger: Logger): Promise<void> {
  try {
    for (const incidentId of await incidentsWithDueClock(state, nowMs(), BATCH_INCIDENTS)) await desk.ringClocks(incidentId);
  } catch (error) {
    // The next tick tries again: what is due stays due.
    const level = error instanceof YunweiError && error.retryable ? "warn" : "error";
    logger[level]({ err: error }, "the incident clocks could not be read");
  }
}

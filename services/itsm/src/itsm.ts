import type { Bus } from "@yunwei/bus";
import { CHANGE_TOPIC, INCIDENT_TOPIC, RCA_REPORT_TOPIC, TOPICS } from "@yunwei/schemas";
import type { Logger } from "@yunwei/service-kit";
import { type State, startOutbox } from "@yunwei/state";
import type { FastifyPluginAsync } from "fastify";
import { changeRoutes } from "./change/change.routes.ts";
import { incidentRoutes } from "./incident/incident.routes.ts";
import { createIncidentDesk } from "./incident/incident-desk.ts";
import { consumeReports } from "./incident/incident-report-consumer.ts";
import { startIncidentTimer } from "./incident/incident-timer.ts";

export interface ItsmOptions {
  /** Migrated (schemas/postgres). */
  readonly state: State;
  readonly bus: Bus;
  readonly logger: Logger;
  /** Process clock, Unix milliseconds. */
  readonly nowMs: () => number;
}

export interface Itsm {
  readonly routes: FastifyPluginAsync;
  /** Takes no new work, finishes what is in hand. Idempotent. */
  close(): Promise<void>;
}

const MINE: readonly string[] = [RCA_REPORT_TOPIC, INCIDENT_TOPIC, CHANGE_TOPIC];

/** Incidents and changes: reports of causes in, incidents and their log out. */
export async function createItsm({ state, bus, logger, nowMs }: ItsmOptions): Promise<Itsm> {
  await bus.ensureTopics(TOPICS.filter((topic) => MINE.includes(topic.name)));
  const outbox = startOutbox({ state, bus, logger, producer: "itsm" });
  const desk = createIncidentDesk(outbox, nowMs);
  const subscription = await consumeReports(bus, desk, logger);
  const stopTimer = startIncidentTimer(state, desk, nowMs, logger);
  return {
    routes: async (app) => {
      await app.register(incidentRoutes(state, desk, nowMs));
      await app.register(changeRoutes(state, outbox, nowMs));
    },
    close: async () => {
      await subscription.close();
      await stopTimer();
      await outbox.close();
    },
  };
}

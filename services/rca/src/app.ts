import type { Bus } from "@yunwei/bus";
import type { Logger } from "@yunwei/service-kit";
import type { State } from "@yunwei/state";
import type { TopologyCache } from "@yunwei/topology";
import type { FastifyPluginAsync } from "fastify";
import { PostgresReportStore } from "./adapters/postgres-report-store.ts";
import { rcaRoutes } from "./http/rca.routes.ts";
import { Diagnoser } from "./pipeline/diagnoser.ts";

export interface RcaDependencies {
  readonly bus: Bus;
  readonly state: State;
  readonly topology: TopologyCache;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

export interface Rca {
  readonly routes: FastifyPluginAsync;
  close(): Promise<void>;
}

/** Root-cause analysis, running: alert groups + topology + evidence -> reports. */
export async function createRca({ bus, state, topology, logger, nowMs }: RcaDependencies): Promise<Rca> {
  const reports = new PostgresReportStore(state);
  const diagnoser = new Diagnoser({ bus, reports, topology, logger, nowMs });
  await diagnoser.start();
  return { routes: rcaRoutes(reports), close: () => diagnoser.close() };
}

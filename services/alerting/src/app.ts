import { join } from "node:path";
import { type Bus, decodeJson } from "@yunwei/bus";
import { ANOMALY_TOPIC, type Anomaly } from "@yunwei/schemas";
import { followFile, type Logger } from "@yunwei/service-kit";
import type { State } from "@yunwei/state";
import type { Store } from "@yunwei/store";
import type { TopologyCache } from "@yunwei/topology";
import type { FastifyPluginAsync } from "fastify";
import { ClickhouseAlertTelemetry } from "./adapters/clickhouse-alert-telemetry.ts";
import { PostgresAlertStore } from "./adapters/postgres-alert-store.ts";
import { parsePolicyFile } from "./config/policy-file.ts";
import { DEFAULT_POLICIES } from "./domain/alert-policy.ts";
import { alertingRoutes } from "./http/alerting.routes.ts";
import { AlertingDesk } from "./pipeline/alerting-desk.ts";

export interface AlertingDependencies {
  readonly bus: Bus;
  readonly store: Store;
  readonly state: State;
  readonly topology: TopologyCache;
  /** Holds alert-policies.yaml, which people may edit at any time. */
  readonly dataFolder: string;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

export interface Alerting {
  readonly routes: FastifyPluginAsync;
  close(): Promise<void>;
}

const GROUP = "alerting";
const TICK_MS = 1_000;
const STATIC_MS = 10_000;

/** Alerting, running: deviations and points + policies -> alerts -> groups. */
export async function createAlerting({ bus, store, state, topology, dataFolder, logger, nowMs }: AlertingDependencies): Promise<Alerting> {
  const policies = await followFile({ path: join(dataFolder, "alert-policies.yaml"), parse: parsePolicyFile, fallback: DEFAULT_POLICIES, logger });
  const alerts = new PostgresAlertStore(state, bus, logger);
  const desk = new AlertingDesk({ alerts, telemetry: new ClickhouseAlertTelemetry(store), topology, policies: policies.current, logger, nowMs });
  await desk.restore();
  const subscription = await bus.subscribe({ topic: ANOMALY_TOPIC, groupId: GROUP }, (batch) =>
    desk.takeAnomalies(batch.map((message) => decodeJson(message.value) as Anomaly)),
  );
  const failed = (error: unknown): void => logger.warn({ err: error }, "a round of alerting failed; the next one tries again");
  const ticks = setInterval(() => void desk.tick().catch(failed), TICK_MS);
  const looks = setInterval(() => void desk.lookAtStatic().catch(failed), STATIC_MS);
  return {
    routes: alertingRoutes({ active: () => desk.active(), policies: policies.current, alerts }),
    close: async () => {
      clearInterval(ticks);
      clearInterval(looks);
      policies.close();
      await subscription.close();
      await desk.idle();
      await alerts.close();
    },
  };
}

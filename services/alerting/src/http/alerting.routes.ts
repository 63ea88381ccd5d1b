import { YunweiError } from "@yunwei/schemas";
import type { FastifyPluginAsync } from "fastify";
import { Type } from "typebox";
import type { Alert } from "../domain/alert.ts";
import type { AlertPolicy } from "../domain/alert-policy.ts";
import type { AlertStore } from "../ports.ts";

export interface AlertingRouteParts {
  readonly active: () => readonly Alert[];
  readonly policies: () => readonly AlertPolicy[];
  readonly alerts: AlertStore;
}

const MAX_LISTED = 1_000;
const GroupParams = Type.Object({ groupId: Type.String({ pattern: "^[0-9a-f]{32}$" }) });

/** Alerts that are seen now, an alert group with all its alerts, and the policies in force. */
export function alertingRoutes({ active, policies, alerts }: AlertingRouteParts): FastifyPluginAsync {
  return async (app) => {
    app.get("/api/v1/alerts", { config: { permission: "alert:read" } }, async () => {
      const all = active().map((alert) => ({ ...alert.summary, groupId: alert.groupId }));
      return { alerts: all.slice(0, MAX_LISTED), total: all.length };
    });
    app.get("/api/v1/alert-groups/:groupId", { config: { permission: "alert:read" }, schema: { params: GroupParams } }, async (request) => {
      const { groupId } = request.params as { groupId: string };
      const group = await alerts.group(groupId);
      if (group === undefined) throw new YunweiError("YUNWEI_NOT_FOUND", `there is no alert group ${groupId}`);
      return group;
    });
    app.get("/api/v1/alert-policies", { config: { permission: "alert:read" } }, async () => ({ policies: policies() }));
  };
}

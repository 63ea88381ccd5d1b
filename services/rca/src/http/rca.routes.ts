import { YunweiError } from "@yunwei/schemas";
import type { FastifyPluginAsync } from "fastify";
import { Type } from "typebox";
import type { ReportStore } from "../ports.ts";

const Params = Type.Object({ groupId: Type.String({ pattern: "^[0-9a-f]{32}$" }) });

/** GET /api/v1/rca-reports/:groupId - the newest report of an alert group. */
export function rcaRoutes(reports: ReportStore): FastifyPluginAsync {
  return async (app) => {
    app.get(
      "/api/v1/rca-reports/:groupId",
      { config: { permission: "rca:read" }, schema: { params: Params, tags: ["rca"], summary: "Newest root-cause report of an alert group" } },
      async (request) => {
        const { groupId } = request.params as { groupId: string };
        const report = await reports.latest(groupId);
        if (report === undefined) throw new YunweiError("YUNWEI_NOT_FOUND", `no report for alert group ${groupId}`);
        return report;
      },
    );
  };
}

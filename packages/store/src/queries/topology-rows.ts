import type { EntityKey } from "@yunwei/schemas";
import type { Store } from "../store.ts";

/** A resource as the catalogue knows it. */
export interface ResourceRow {
  readonly entity: EntityKey;
  readonly service: string;
  readonly site: string;
  readonly tier: string;
  readonly department: string;
  readonly attrs: Readonly<Record<string, string>>;
}

/** Calls seen from one service to another between two sites. */
export interface CallRow {
  readonly src: string;
  readonly dst: string;
  readonly dstKind: "service" | "database" | "queue" | "external";
  readonly site: string;
  readonly dstSite: string;
  readonly department: string;
  readonly calls: number;
  readonly errors: number;
}

/** Most rows the graph is made of; more would be another product's graph. */
const MAX_ROWS = 200_000;

/** Resources announced today or yesterday, the newest row of each. */
export function resourceRows(store: Store): Promise<ResourceRow[]> {
  return store.query<ResourceRow>(
    "SELECT entity, any(service) AS service, argMax(site, last_seen) AS site, argMax(tier, last_seen) AS tier, argMax(department, last_seen) AS department, argMax(attrs, last_seen) AS attrs FROM resources WHERE day >= yesterday() GROUP BY entity LIMIT {limit:UInt32}",
    { limit: MAX_ROWS },
  );
}

/** Calls of the hours before `untilMs` (event time). Sums that were taken back to nothing are no calls (ADR 0012). */
export async function callRows(store: Store, untilMs: number, hours = 24): Promise<CallRow[]> {
  const rows = await store.query<Omit<CallRow, "calls" | "errors"> & { calls: string; errors: string }>(
    `SELECT src, dst, toString(dst_kind) AS dstKind, site, dst_site AS dstSite, any(department) AS department, toString(sum(edge.calls)) AS calls, toString(sum(edge.errors)) AS errors
     FROM service_edges_1m AS edge WHERE t >= toDateTime({from:UInt32}) AND t <= toDateTime({until:UInt32}) GROUP BY src, dst, dst_kind, site, dst_site HAVING sum(edge.calls) > 0 LIMIT {limit:UInt32}`,
    { from: Math.max(0, Math.floor(untilMs / 1000) - hours * 3600), until: Math.floor(untilMs / 1000) + 600, limit: MAX_ROWS },
  );
  return rows.map((row) => ({ ...row, calls: Number(row.calls), errors: Number(row.errors) }));
}

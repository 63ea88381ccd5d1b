import type { IncidentPriority } from "@yunwei/schemas";
import type { Queryable } from "@yunwei/state";
import type { IncidentCounts } from "../domain/site-health.ts";

interface CountRow extends Record<string, unknown> {
  readonly site: string;
  readonly priority: IncidentPriority;
  readonly open: number;
  readonly disturbing: number;
}

/**
 * Open incidents of each site. Reads table `incident`, whose one writer is itsm: the only table of another service that
 * the console reads, in this one statement; a read model of its own would be a second copy of the same rows in the same
 * database. An incident counts at every site it touches. `mitigated` is open and no longer disturbs.
 */
export async function openIncidentCounts(db: Queryable): Promise<Map<string, IncidentCounts>> {
  const rows = await db.query<CountRow>(
    `SELECT site, priority, count(*)::int AS open, (count(*) FILTER (WHERE state <> 'mitigated'))::int AS disturbing
     FROM incident, jsonb_array_elements_text(record->'sites') AS site
     WHERE state NOT IN ('resolved','closed','merged','cancelled') GROUP BY site, priority LIMIT 5000`,
  );
  const counts = new Map<string, { open: Record<IncidentPriority, number>; disturbing: Record<IncidentPriority, number> }>();
  for (const { site, priority, open, disturbing } of rows) {
    const known = counts.get(site) ?? { open: { P1: 0, P2: 0, P3: 0, P4: 0 }, disturbing: { P1: 0, P2: 0, P3: 0, P4: 0 } };
    known.open[priority] = open;
    known.disturbing[priority] = disturbing;
    counts.set(site, known);
  }
  return counts;
}

import type { ChangeMessage } from "@yunwei/schemas";
import type { Queryable } from "@yunwei/state";

/** Where a page of the list ended. */
export interface ChangePosition {
  readonly startedUnixNano: string;
  readonly changeId: string;
}

interface ChangeRow extends Record<string, unknown> {
  readonly change_id: string;
  readonly kind: ChangeMessage["kind"];
  readonly title: string;
  readonly entities: string[];
  readonly started: string;
  readonly ended: string | null;
  readonly actor: string;
  readonly labels: Record<string, string>;
}

const COLUMNS = "change_id, kind, title, entities, started_unix_nano::text AS started, ended_unix_nano::text AS ended, actor, labels";

/** Writes a change; the newest record of an id replaces the older one. @returns false when it was there already, word for word */
export async function saveChange(tx: Queryable, change: ChangeMessage, recordedBy: string, nowMs: number): Promise<boolean> {
  const [row] = await tx.query<ChangeRow>(`SELECT ${COLUMNS} FROM change_record WHERE change_id = $1 FOR UPDATE`, [change.changeId]);
  if (row !== undefined && isSame(changeOf(row), change)) return false;
  await tx.query(
    `INSERT INTO change_record (change_id, kind, title, entities, started_unix_nano, ended_unix_nano, actor, labels, recorded_by, recorded_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     ON CONFLICT (change_id) DO UPDATE SET kind = EXCLUDED.kind, title = EXCLUDED.title, entities = EXCLUDED.entities,
       started_unix_nano = EXCLUDED.started_unix_nano, ended_unix_nano = EXCLUDED.ended_unix_nano, actor = EXCLUDED.actor,
       labels = EXCLUDED.labels, recorded_by = EXCLUDED.recorded_by, recorded_at = EXCLUDED.recorded_at`,
    [
      change.changeId,
      change.kind,
      change.title,
      change.entities,
      change.startedUnixNano,
      change.endedUnixNano ?? null,
      change.actor,
      JSON.stringify(change.labels),
      recordedBy,
      new Date(nowMs),
    ],
  );
  return true;
}

/** Newest start first. @param after - the last change of the page before */
export async function listChanges(db: Queryable, limit: number, after: ChangePosition | undefined): Promise<ChangeMessage[]> {
  const condition = after === undefined ? "true" : "(started_unix_nano, change_id) < ($2::numeric, $3)";
  const sql = `SELECT ${COLUMNS} FROM change_record WHERE ${condition} ORDER BY started_unix_nano DESC, change_id DESC LIMIT $1`;
  const rows = await db.query<ChangeRow>(sql, after === undefined ? [limit] : [limit, after.startedUnixNano, after.changeId]);
  return rows.map(changeOf);
}

function changeOf(row: ChangeRow): ChangeMessage {
  return {
    changeId: row.change_id,
    kind: row.kind,
    title: row.title,
    entities: row.entities,
    startedUnixNano: row.started,
    ...(row.ended === null ? {} : { endedUnixNano: row.ended }),
    actor: row.actor,
    labels: row.labels,
  };
}

function isSame(a: ChangeMessage, b: ChangeMessage): boolean {
  return comparable(a) === comparable(b);
}

function comparable(change: ChangeMessage): string {
  const { kind, title, entities, startedUnixNano, endedUnixNano, actor, labels } = change;
  return JSON.stringify([kind, title, entities, startedUnixNano, endedUnixNano ?? null, actor, Object.entries(labels).sort()]);
}

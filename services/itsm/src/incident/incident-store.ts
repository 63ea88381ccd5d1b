import type { IncidentState, RcaReport } from "@yunwei/schemas";
import type { Queryable } from "@yunwei/state";
import type { Incident } from "./incident.ts";
import { nextClockEventMs } from "./incident-clock.ts";
import type { LogEntry } from "./incident-fold.ts";

/** An incident with what is attached to it. */
export interface StoredIncident {
  readonly incident: Incident;
  /** Newest revision taken in, 0 without a report. */
  readonly reportRevision: number;
  readonly report?: RcaReport;
}

/** Where a page of the list ended. */
export interface ListPosition {
  readonly createdAtMs: number;
  readonly incidentId: string;
}

interface IncidentRow extends Record<string, unknown> {
  readonly record: Incident;
  readonly report_revision: number;
  readonly report: RcaReport | null;
}

const COLUMNS = "record, report_revision, report";
const CLOSED = "('closed','merged','cancelled')";

/** Reads and locks for the rest of the transaction; undefined when there is none. */
export async function lockIncident(tx: Queryable, incidentId: string): Promise<StoredIncident | undefined> {
  return first(await tx.query<IncidentRow>(`SELECT ${COLUMNS} FROM incident WHERE incident_id = $1 FOR UPDATE`, [incidentId]));
}

/** The newest incident of an alert group, locked; undefined when the group never had one. */
export async function lockNewestOfGroup(tx: Queryable, groupId: string): Promise<StoredIncident | undefined> {
  const sql = `SELECT ${COLUMNS} FROM incident WHERE group_id = $1 ORDER BY created_at DESC, incident_id DESC LIMIT 1 FOR UPDATE`;
  return first(await tx.query<IncidentRow>(sql, [groupId]));
}

/** The next number for people, without gaps: it is given back when the transaction is undone. */
export async function nextNumber(tx: Queryable): Promise<string> {
  const [row] = await tx.query<{ last: string }>("UPDATE itsm_number SET last = last + 1 WHERE kind = 'incident' RETURNING last");
  return `INC-${row!.last.padStart(6, "0")}`;
}

/** Writes an incident, new or not, and the entries that made it so. */
export async function saveIncident(tx: Queryable, stored: StoredIncident, entries: readonly LogEntry[], nowMs: number): Promise<void> {
  const { incident, reportRevision, report } = stored;
  const nextClockMs = nextClockEventMs(incident, nowMs);
  await tx.query(
    `INSERT INTO incident (incident_id, number, group_id, state, priority, created_at, next_clock_at, report_revision, group_state, record, report)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     ON CONFLICT (incident_id) DO UPDATE SET state = EXCLUDED.state, priority = EXCLUDED.priority, next_clock_at = EXCLUDED.next_clock_at,
       report_revision = EXCLUDED.report_revision, group_state = EXCLUDED.group_state, record = EXCLUDED.record, report = EXCLUDED.report`,
    [
      incident.incidentId,
      incident.number,
      incident.groupId ?? null,
      incident.state,
      incident.priority,
      new Date(incident.createdAtMs),
      nextClockMs === undefined ? null : new Date(nextClockMs),
      reportRevision,
      incident.groupState ?? null,
      JSON.stringify(incident),
      report === undefined ? null : JSON.stringify(report),
    ],
  );
  for (const entry of entries) await insertEntry(tx, entry);
}

async function insertEntry(tx: Queryable, entry: LogEntry): Promise<void> {
  await tx.query(
    `INSERT INTO incident_event (incident_id, seq, event, from_state, to_state, actor, at, event_time_unix_nano, fields)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      entry.incidentId,
      entry.seq,
      entry.event,
      entry.from ?? null,
      entry.to,
      entry.actor,
      new Date(entry.atMs),
      entry.eventTimeUnixNano ?? null,
      JSON.stringify(entry.fields),
    ],
  );
}

export async function findIncident(db: Queryable, incidentId: string): Promise<StoredIncident | undefined> {
  return first(await db.query<IncidentRow>(`SELECT ${COLUMNS} FROM incident WHERE incident_id = $1`, [incidentId]));
}

/** Newest first, without reports (they are large). @param after - the last incident of the page before */
export async function listIncidents(db: Queryable, open: boolean, limit: number, after: ListPosition | undefined): Promise<Incident[]> {
  const conditions = [open ? `state NOT IN ${CLOSED}` : "true", after === undefined ? "true" : "(created_at, incident_id) < ($2, $3)"];
  const sql = `SELECT record FROM incident WHERE ${conditions.join(" AND ")} ORDER BY created_at DESC, incident_id DESC LIMIT $1`;
  const rows = await db.query<{ record: Incident }>(sql, after === undefined ? [limit] : [limit, new Date(after.createdAtMs), after.incidentId]);
  return rows.map((row) => row.record);
}

/** The log of an incident from its first entry on. Empty when there is no such incident. */
export async function readLog(db: Queryable, incidentId: string): Promise<LogEntry[]> {
  const rows = await db.query<EntryRow>(
    `SELECT incident_id, seq, event, from_state, to_state, actor, at, event_time_unix_nano::text, fields
     FROM incident_event WHERE incident_id = $1 ORDER BY seq`,
    [incidentId],
  );
  return rows.map(entryOf);
}

/** Incidents whose clocks have something to say by `nowMs`, the most overdue first. */
export async function incidentsWithDueClock(db: Queryable, nowMs: number, limit: number): Promise<string[]> {
  const sql = "SELECT incident_id FROM incident WHERE next_clock_at <= $1 ORDER BY next_clock_at LIMIT $2";
  return (await db.query<{ incident_id: string }>(sql, [new Date(nowMs), limit])).map((row) => row.incident_id);
}

interface EntryRow extends Record<string, unknown> {
  readonly incident_id: string;
  readonly seq: number;
  readonly event: string;
  readonly from_state: IncidentState | null;
  readonly to_state: IncidentState;
  readonly actor: string;
  readonly at: Date;
  readonly event_time_unix_nano: string | null;
  readonly fields: Record<string, unknown>;
}

function entryOf(row: EntryRow): LogEntry {
  return {
    incidentId: row.incident_id,
    seq: row.seq,
    event: row.event,
    ...(row.from_state === null ? {} : { from: row.from_state }),
    to: row.to_state,
    actor: row.actor,
    atMs: row.at.getTime(),
    ...(row.event_time_unix_nano === null ? {} : { eventTimeUnixNano: row.event_time_unix_nano }),
    fields: row.fields,
  };
}

function first(rows: readonly IncidentRow[]): StoredIncident | undefined {
  const row = rows[0];
  if (row === undefined) return undefined;
  return { incident: row.record, reportRevision: row.report_revision, ...(row.report === null ? {} : { report: row.report }) };
}

import type { IncidentMessage } from "@yunwei/schemas";
import type { Queryable, State } from "@yunwei/state";
import type { NotificationKind } from "./notification-kind.ts";
import type { ChannelHistory } from "./notification-rules.ts";

export type NotificationState = "pending" | "sent" | "dead" | "skipped";

/** One begun sending and how it ended. */
export interface Attempt {
  readonly at: string;
  readonly error?: string;
}

export interface NotificationRow extends Record<string, unknown> {
  readonly notification_id: string;
  readonly incident_id: string;
  readonly number: string;
  readonly seq: number;
  readonly channel: string;
  readonly kind: NotificationKind;
  readonly priority: string;
  readonly state: NotificationState;
  readonly reason: string;
  readonly not_before: Date;
  readonly tries: number;
  readonly attempts: readonly Attempt[];
  readonly message: IncidentMessage | null;
  readonly text_zh: string | null;
  readonly text_en: string | null;
  readonly created_at: Date;
  readonly sent_at: Date | null;
}

export interface NewNotification {
  readonly notificationId: string;
  readonly channel: string;
  readonly kind: NotificationKind;
  readonly state: "pending" | "skipped";
  readonly reason: string;
  readonly notBeforeMs: number;
  readonly causeTold: string;
  readonly message: IncidentMessage;
}

/** @returns false when this entry was taken in for this channel before */
export async function insertNotification(tx: Queryable, row: NewNotification, nowMs: number): Promise<boolean> {
  const { message } = row;
  const inserted = await tx.query(
    `INSERT INTO notification (notification_id, incident_id, number, seq, channel, kind, priority, state, reason, not_before, cause_told, message_seq, message, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $4, $12, $13) ON CONFLICT DO NOTHING RETURNING 1`,
    [
      row.notificationId,
      message.incidentId,
      message.incident.number,
      message.seq,
      row.channel,
      row.kind,
      message.incident.priority,
      row.state,
      row.reason,
      new Date(row.notBeforeMs),
      row.causeTold,
      row.state === "pending" ? JSON.stringify(message) : null,
      new Date(nowMs),
    ],
  );
  return inserted.length > 0;
}

/** What each channel has been told of an incident; channels that were told nothing are not in it. */
export async function historiesOf(tx: Queryable, incidentId: string): Promise<Map<string, ChannelHistory>> {
  const rows = await tx.query<{ channel: string; first_held: boolean; cause_told: string | null }>(
    `SELECT channel,
       bool_or(kind = 'created' AND state = 'pending' AND tries = 0) AS first_held,
       (array_agg(cause_told ORDER BY seq DESC) FILTER (WHERE state IN ('pending', 'sent')))[1] AS cause_told
     FROM notification WHERE incident_id = $1 GROUP BY channel`,
    [incidentId],
  );
  const histories = rows.map((row) => [row.channel, { firstHeld: row.first_held, ...(row.cause_told === null ? {} : { causeTold: row.cause_told }) }] as const);
  return new Map(histories);
}

/** Renews the held first message of a channel with a newer view of the incident; `release` lets it go at `nowMs`. */
export async function refreshFirst(
  tx: Queryable,
  channel: string,
  message: IncidentMessage,
  causeTold: string,
  release: boolean,
  nowMs: number,
): Promise<void> {
  await tx.query(
    `UPDATE notification SET message = $3, message_seq = $4, cause_told = $5, priority = $6, not_before = CASE WHEN $7 THEN $8 ELSE not_before END,
       reason = CASE WHEN $7 THEN '' ELSE reason END
     WHERE incident_id = $1 AND channel = $2 AND kind = 'created' AND state = 'pending' AND tries = 0 AND message_seq < $4`,
    [message.incidentId, channel, JSON.stringify(message), message.seq, causeTold, message.incident.priority, release, new Date(nowMs)],
  );
}

const DUE = `state = 'pending' AND not_before <= $2 AND NOT EXISTS (
  SELECT 1 FROM notification earlier WHERE earlier.incident_id = n.incident_id AND earlier.channel = n.channel AND earlier.seq < n.seq AND earlier.state = 'pending')`;

/** Ids of what a channel may send now: P1 first, then the oldest; never past an earlier message of the same incident. */
export async function dueNotifications(state: State, channel: string, nowMs: number, limit: number): Promise<string[]> {
  const rows = await state.query<{ notification_id: string }>(
    `SELECT notification_id FROM notification n WHERE channel = $1 AND ${DUE} ORDER BY priority, created_at, seq LIMIT $3`,
    [channel, new Date(nowMs), limit],
  );
  return rows.map((row) => row.notification_id);
}

/**
 * Begins a sending: counts the try and lends the row out until `leaseUntilMs`, so that a crash leads to one more try.
 * @returns undefined when somebody else was faster
 */
export async function claim(state: State, notificationId: string, nowMs: number, leaseUntilMs: number): Promise<NotificationRow | undefined> {
  const rows = await state.query<NotificationRow>(
    "UPDATE notification SET tries = tries + 1, not_before = $3 WHERE notification_id = $1 AND state = 'pending' AND not_before <= $2 RETURNING *",
    [notificationId, new Date(nowMs), new Date(leaseUntilMs)],
  );
  return rows[0];
}

/** Keeps the texts of the first try, so that every try says the same. */
export async function keepTexts(state: State, notificationId: string, zh: string, en: string): Promise<void> {
  await state.query("UPDATE notification SET text_zh = $2, text_en = $3 WHERE notification_id = $1", [notificationId, zh, en]);
}

export async function markSent(state: State, notificationId: string, nowMs: number): Promise<void> {
  const attempt: Attempt = { at: new Date(nowMs).toISOString() };
  await state.query(
    "UPDATE notification SET state = 'sent', reason = '', sent_at = $2, message = NULL, attempts = attempts || $3::jsonb WHERE notification_id = $1",
    [notificationId, new Date(nowMs), JSON.stringify([attempt])],
  );
}

/** @param retryAtMs - undefined gives up: the row stays as a dead letter, with its message */
export async function markFailed(state: State, notificationId: string, error: string, nowMs: number, retryAtMs: number | undefined): Promise<void> {
  const attempt: Attempt = { at: new Date(nowMs).toISOString(), error };
  await state.query("UPDATE notification SET state = $2, reason = $3, not_before = $4, attempts = attempts || $5::jsonb WHERE notification_id = $1", [
    notificationId,
    retryAtMs === undefined ? "dead" : "pending",
    error,
    new Date(retryAtMs ?? nowMs),
    JSON.stringify([attempt]),
  ]);
}

/** Gives up what waits for channels that are no longer configured. @returns how many */
export async function buryUnknownChannels(state: State, known: readonly string[], nowMs: number): Promise<number> {
  const rows = await state.query(
    `UPDATE notification SET state = 'dead', reason = 'the channel is no longer configured'
     WHERE state = 'pending' AND not_before <= $2 AND channel <> ALL ($1::text[]) RETURNING 1`,
    [known, new Date(nowMs)],
  );
  return rows.length;
}

/** @param incidentId - undefined = of all incidents, newest first; else in the order of the incident's log */
export async function listNotifications(state: State, incidentId: string | undefined, limit: number): Promise<NotificationRow[]> {
  if (incidentId !== undefined) {
    return state.query<NotificationRow>("SELECT * FROM notification WHERE incident_id = $1 ORDER BY seq, channel LIMIT $2", [incidentId, limit]);
  }
  return state.query<NotificationRow>("SELECT * FROM notification ORDER BY created_at DESC, notification_id DESC LIMIT $1", [limit]);
}

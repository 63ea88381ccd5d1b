import type { Principal, Role } from "@yunwei/service-kit";
import type { Queryable, State } from "@yunwei/state";
import { isTouchDue, SESSION_LIFE_MS } from "./session-rules.ts";

/** More signed-in places of one account than this end the oldest. */
const MAX_SESSIONS = 50;

interface SessionRow extends Record<string, unknown> {
  readonly user_name: string;
  readonly role: Role;
  readonly last_seen_at: Date;
}

/** Writes a session down and clears away what has expired, and the oldest ones of the account beyond the limit. */
export async function openSession(state: State, name: string, hash: Buffer, nowMs: number): Promise<void> {
  await state.transaction(async (tx) => {
    const now = new Date(nowMs);
    await tx.query("DELETE FROM user_session WHERE expires_at <= $1", [now]);
    await tx.query("INSERT INTO user_session (token_hash, user_name, created_at, last_seen_at, expires_at) VALUES ($1, $2, $3, $3, $4)", [
      hash,
      name,
      now,
      new Date(nowMs + SESSION_LIFE_MS),
    ]);
    await tx.query(
      "DELETE FROM user_session WHERE token_hash IN (SELECT token_hash FROM user_session WHERE user_name = $1 ORDER BY created_at DESC OFFSET $2)",
      [name, MAX_SESSIONS],
    );
  });
}

/** Who holds a session at `nowMs`; its use moves its end. undefined: unknown or over. */
export async function touchSession(db: Queryable, hash: Buffer, nowMs: number): Promise<Principal | undefined> {
  const [row] = await db.query<SessionRow>(
    "SELECT s.user_name, a.role, s.last_seen_at FROM user_session s JOIN user_account a ON a.name = s.user_name WHERE s.token_hash = $1 AND s.expires_at > $2",
    [hash, new Date(nowMs)],
  );
  if (row === undefined) return undefined;
  if (isTouchDue(row.last_seen_at.getTime(), nowMs)) {
    await db.query("UPDATE user_session SET last_seen_at = $2, expires_at = $3 WHERE token_hash = $1", [
      hash,
      new Date(nowMs),
      new Date(nowMs + SESSION_LIFE_MS),
    ]);
  }
  return { name: row.user_name, role: row.role };
}

export async function endSession(db: Queryable, hash: Buffer): Promise<void> {
  await db.query("DELETE FROM user_session WHERE token_hash = $1", [hash]);
}

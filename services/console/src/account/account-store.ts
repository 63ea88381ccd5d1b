import type { Role } from "@yunwei/service-kit";
import type { Queryable, State } from "@yunwei/state";

export interface Account {
  readonly name: string;
  readonly role: Role;
  readonly passwordHash: string;
}

interface AccountRow extends Record<string, unknown> {
  readonly name: string;
  readonly role: Role;
  readonly password_hash: string;
}

export async function findAccount(db: Queryable, name: string): Promise<Account | undefined> {
  const [row] = await db.query<AccountRow>("SELECT name, role, password_hash FROM user_account WHERE name = $1", [name]);
  return row === undefined ? undefined : { name: row.name, role: row.role, passwordHash: row.password_hash };
}

export async function hasAccounts(db: Queryable): Promise<boolean> {
  return (await db.query("SELECT 1 FROM user_account LIMIT 1")).length > 0;
}

/** @returns false when the name is taken */
export async function addAccount(db: Queryable, account: Account, nowMs: number): Promise<boolean> {
  const rows = await db.query(
    `INSERT INTO user_account (name, role, password_hash, created_at, password_changed_at) VALUES ($1, $2, $3, $4, $4)
     ON CONFLICT (name) DO NOTHING RETURNING name`,
    [account.name, account.role, account.passwordHash, new Date(nowMs)],
  );
  return rows.length > 0;
}

/** Sets the password and ends every session of the account but the one of `keptTokenHash`. */
export async function replacePassword(state: State, name: string, passwordHash: string, keptTokenHash: Buffer, nowMs: number): Promise<void> {
  await state.transaction(async (tx) => {
    await tx.query("UPDATE user_account SET password_hash = $2, password_changed_at = $3 WHERE name = $1", [name, passwordHash, new Date(nowMs)]);
    await tx.query("DELETE FROM user_session WHERE user_name = $1 AND token_hash <> $2", [name, keptTokenHash]);
  });
}

import type { State } from "@yunwei/state";
import { addAccount, hasAccounts } from "./account-store.ts";
import { hashPassword } from "./password-hash.ts";
import { checkNewPassword, randomPassword } from "./password-rules.ts";

const ADMINISTRATOR = "admin";

/**
 * Makes `admin` when there is no account yet. Idempotent.
 * @param given - the password a person chose; "" = a random one
 * @returns the random password, to be shown once; undefined when nothing was made, or the password was given
 * @throws YunweiError YUNWEI_BODY_INVALID when the given password is too weak
 */
export async function makeFirstAdministrator(state: State, given: string, nowMs: number): Promise<string | undefined> {
  if (await hasAccounts(state)) return undefined;
  const password = given === "" ? randomPassword() : given;
  checkNewPassword(ADMINISTRATOR, password);
  const made = await addAccount(state, { name: ADMINISTRATOR, role: "admin", passwordHash: await hashPassword(password) }, nowMs);
  return made && given === "" ? password : undefined;
}

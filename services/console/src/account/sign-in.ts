import { type Principal, YunweiError } from "@yunwei/service-kit";
import type { State } from "@yunwei/state";
import { findAccount, replacePassword } from "./account-store.ts";
import { AttemptLimiter } from "./attempt-limiter.ts";
import { hashPassword, passwordFits } from "./password-hash.ts";
import { checkNewPassword } from "./password-rules.ts";
import { newToken, tokenHash } from "./session-rules.ts";
import { openSession } from "./session-store.ts";

const MINUTE_MS = 60_000;
/** Hashes computed at once and waiting: each takes memory and a thread that the store needs as well. */
const MAX_HASHING = 2;
const MAX_WAITING = 20;

export interface SignedIn extends Principal {
  readonly token: string;
}

/** Checks passwords, slowly for those who guess. */
export class SignIn {
  readonly #state: State;
  readonly #nowMs: () => number;
  readonly #perName = new AttemptLimiter({ freeFailures: 5, firstWaitMs: 1_000, maxWaitMs: 15 * MINUTE_MS, forgetMs: 60 * MINUTE_MS, maxKeys: 10_000 });
  /** One address that tries many names. */
  readonly #perAddress = new AttemptLimiter({ freeFailures: 50, firstWaitMs: 1_000, maxWaitMs: 15 * MINUTE_MS, forgetMs: 60 * MINUTE_MS, maxKeys: 10_000 });
  /** Checked in place of an account that does not exist, so that both take the same time. */
  readonly #decoy: Promise<string>;
  #hashing = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(state: State, nowMs: () => number) {
    this.#state = state;
    this.#nowMs = nowMs;
    this.#decoy = hashPassword(newToken());
  }

  /** @throws YunweiError YUNWEI_UNAUTHENTICATED (which of the two was wrong is not told), YUNWEI_TOO_MANY_REQUESTS with `details.retryAfterSeconds` */
  async signIn(name: string, password: string, address: string): Promise<SignedIn> {
    const keys = this.#begin(name, address);
    const account = await findAccount(this.#state, name);
    const fits = await this.#hashed(async () => passwordFits(password, account?.passwordHash ?? (await this.#decoy)));
    if (account === undefined || !fits) throw new YunweiError("YUNWEI_UNAUTHENTICATED", "Name or password is wrong.");
    this.#succeed(keys);
    const token = newToken();
    await openSession(this.#state, account.name, tokenHash(token)!, this.#nowMs());
    return { name: account.name, role: account.role, token };
  }

  /** Sets another password; all other sessions of the account end. @throws YunweiError like `signIn`, and YUNWEI_BODY_INVALID for a weak password */
  async changePassword(name: string, current: string, next: string, session: Buffer, address: string): Promise<void> {
    checkNewPassword(name, next);
    const keys = this.#begin(name, address);
    const account = await findAccount(this.#state, name);
    if (account === undefined || !(await this.#hashed(() => passwordFits(current, account.passwordHash))))
      throw new YunweiError("YUNWEI_FORBIDDEN", "The current password is wrong.");
    this.#succeed(keys);
    await replacePassword(this.#state, name, await this.#hashed(() => hashPassword(next)), session, this.#nowMs());
  }

  #begin(name: string, address: string): { name: string; address: string } {
    const keys = { name: `${address} ${name}`, address };
    const now = this.#nowMs();
    const waitMs = this.#perAddress.begin(keys.address, now) || this.#perName.begin(keys.name, now);
    if (waitMs > 0) throw tooMany(waitMs);
    return keys;
  }

  #succeed(keys: { name: string; address: string }): void {
    this.#perName.succeed(keys.name);
    this.#perAddress.succeed(keys.address);
  }

  async #hashed<T>(work: () => Promise<T>): Promise<T> {
    if (this.#hashing >= MAX_HASHING) {
      if (this.#waiting.length >= MAX_WAITING) throw tooMany(2_000);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#hashing++;
    try {
      return await work();
    } finally {
      // The place goes to the next in line, else it is free.
      const next = this.#waiting.shift();
      if (next === undefined) this.#hashing--;
      else next();
    }
  }
}

function tooMany(waitMs: number): YunweiError {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new YunweiError("YUNWEI_TOO_MANY_REQUESTS", `Too many attempts: try again in ${retryAfterSeconds} s.`, { details: { retryAfterSeconds } });
}

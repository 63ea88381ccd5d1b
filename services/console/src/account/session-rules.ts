import { createHash, randomBytes } from "node:crypto";

/** A session ends this long after it was last used. */
export const SESSION_LIFE_MS = 12 * 3_600_000;
/** Use is written down at most this often: reading a page must not write. */
const TOUCH_EVERY_MS = 60_000;
export const SESSION_COOKIE = "yunwei_session";

/** 256 random bits; only its hash is kept. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}

/** SHA-256 of a token; undefined for what cannot be one of ours. */
export function tokenHash(token: string): Buffer | undefined {
  return /^[\w-]{43}$/.test(token) ? createHash("sha256").update(token).digest() : undefined;
}

/** Whether a use at `nowMs` of a session last seen at `lastSeenMs` moves its end. */
export function isTouchDue(lastSeenMs: number, nowMs: number): boolean {
  return nowMs - lastSeenMs >= TOUCH_EVERY_MS;
}

/** Value of the `set-cookie` header. Strict: other sites' links and forms never carry it. @param maxAgeMs - 0 removes the cookie */
export function sessionCookie(token: string, maxAgeMs: number, secure: boolean): string {
  return `${SESSION_COOKIE}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${Math.floor(maxAgeMs / 1000)}${secure ? "; Secure" : ""}`;
}

/** The session token of a `cookie` header; the first one counts. */
export function tokenOfCookies(header: string | undefined): string | undefined {
  for (const pair of (header ?? "").split(";", 64)) {
    const equals = pair.indexOf("=");
    if (equals > 0 && pair.slice(0, equals).trim() === SESSION_COOKIE) return pair.slice(equals + 1).trim();
  }
  return undefined;
}

/** The token of an `authorization: Bearer` header. */
export function tokenOfBearer(header: string | undefined): string | undefined {
  return /^Bearer ([\w-]{1,200})$/i.exec(header ?? "")?.[1];
}

/** Whether a request that a browser sends with its cookie may change something: a form of another site can set neither. */
export function isSameOriginProof(method: string, contentType: string | undefined, requestedWith: string | undefined): boolean {
  if (method === "GET" || method === "HEAD" || method === "OPTIONS") return true;
  return requestedWith === "yunwei" || /^application\/json\s*(;|$)/i.test(contentType ?? "");
}

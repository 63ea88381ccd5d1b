import { YunweiError } from "@yunwei/schemas";

/** The innermost reason in a few words: drivers wrap each of their own retries. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors.at(-1));
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && !error.message.includes(error.cause.message) ? `${error.message} ${error.cause.message}`.trim() : error.message;
}

export function unavailable(what: string, cause?: unknown): YunweiError {
  return cause === undefined
    ? new YunweiError("YUNWEI_BUS_UNAVAILABLE", what)
    : new YunweiError("YUNWEI_BUS_UNAVAILABLE", `${what}: ${reasonOf(cause)}`, { cause });
}

const CERTIFICATE_CODES = /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|ERR_TLS_|ERR_SSL_|ERR_OSSL_)/;
const LOGIN_CODES = new Set(["PLT_KFK_AUTHENTICATION", "KafkaJSSASLAuthenticationError"]);
const MOST_CAUSES = 50;

export interface Refusal {
  /** In words that name the cause and what to check. */
  readonly text: string;
  /** False for a login: drivers say the same when the connection breaks in the middle of one, so that it must repeat to count. */
  readonly isCertain: boolean;
}

/** A certificate or a login that is refused, which waiting does not mend; undefined for every other error. */
export function refusalOf(error: unknown): Refusal | undefined {
  for (const one of causesOf(error)) {
    const code = String((one as { code?: unknown }).code ?? "");
    if (CERTIFICATE_CODES.test(code)) {
      return { text: `no trusted TLS connection: ${one.message} (${code}); check the CA, our certificate and the name of the broker`, isCertain: true };
    }
    if (LOGIN_CODES.has(code) || LOGIN_CODES.has(one.name)) {
      return { text: `the login is refused: ${reasonOf(one)}; check the mechanism, the user, the password and our certificate`, isCertain: false };
    }
  }
  return undefined;
}

/** The error and everything that it wraps, outermost first. */
function causesOf(error: unknown): readonly Error[] {
  const found: Error[] = [];
  const waiting: unknown[] = [error];
  while (waiting.length > 0 && found.length < MOST_CAUSES) {
    const one = waiting.shift();
    if (!(one instanceof Error) || found.includes(one)) continue;
    found.push(one);
    waiting.push(one.cause, ...(one instanceof AggregateError ? one.errors : []));
  }
  return found;
}

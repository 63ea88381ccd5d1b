import { type Authenticate, YunweiError } from "@yunwei/service-kit";
import type { State } from "@yunwei/state";
import type { FastifyRequest } from "fastify";
import { isSameOriginProof, tokenHash, tokenOfBearer, tokenOfCookies } from "./session-rules.ts";
import { touchSession } from "./session-store.ts";

/** The session hash a request carries; a Bearer token goes before a cookie. undefined = none that could be ours. */
export function sessionOf(request: FastifyRequest): { readonly hash: Buffer; readonly byCookie: boolean } | undefined {
  const bearer = request.headers.authorization;
  const token = bearer === undefined ? tokenOfCookies(request.headers.cookie) : tokenOfBearer(bearer);
  const hash = token === undefined ? undefined : tokenHash(token);
  return hash === undefined ? undefined : { hash, byCookie: bearer === undefined };
}

/**
 * Who asks, by session. A change asked for by cookie must show that our own page asks.
 * @throws YunweiError YUNWEI_FORBIDDEN when it does not
 */
export function createAuthenticate(state: State, nowMs: () => number): Authenticate {
  return async (request) => {
    const session = sessionOf(request);
    if (session === undefined) return undefined;
    const principal = await touchSession(state, session.hash, nowMs());
    if (principal !== undefined && session.byCookie && !isOurPage(request))
      throw new YunweiError("YUNWEI_FORBIDDEN", "A change by cookie needs content-type application/json or the header x-requested-with: yunwei.");
    return principal;
  };
}

function isOurPage(request: FastifyRequest): boolean {
  const requestedWith = request.headers["x-requested-with"];
  return isSameOriginProof(request.method, request.headers["content-type"], typeof requestedWith === "string" ? requestedWith : undefined);
}

import { YunweiError } from "@yunwei/schemas";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { allows, type Permission, type Principal } from "./permissions.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    permission?: Permission;
  }
  interface FastifyRequest {
    principal?: Principal;
  }
}

/** Finds out who asks, from a cookie or an `Authorization: Bearer` header; undefined = nobody known. */
export type Authenticate = (request: FastifyRequest) => Promise<Principal | undefined>;

/**
 * Denies by default: every route must name its permission in `config.permission` (a route without one is refused when
 * it is registered), and a request is answered 401 or 403 before its handler runs.
 */
export function guardRoutes(app: FastifyInstance, authenticate: Authenticate): void {
  app.addHook("onRoute", (route) => {
    if (route.config?.permission === undefined) throw new Error(`route ${String(route.method)} ${route.url} names no permission`);
  });
  app.addHook("onRequest", async (request) => {
    const permission = request.routeOptions.config.permission;
    if (request.is404 || permission === "public") return;
    const principal = await authenticate(request);
    if (principal === undefined)
      throw new YunweiError("YUNWEI_UNAUTHENTICATED", "Sign in first: POST /api/v1/session, or send Authorization: Bearer with a session token.");
    request.principal = principal;
    if (permission === undefined || !allows(principal, permission)) {
      throw new YunweiError("YUNWEI_FORBIDDEN", `Your role ${principal.role} lacks ${permission ?? "this permission"}: ask an administrator.`);
    }
  });
}

/** One error body for every route: `{ code, message, details? }`; unknown errors are logged whole and answered without their text. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError | YunweiError, request: FastifyRequest, reply: FastifyReply) => {
    if (error instanceof YunweiError) {
      if (error.status >= 500) request.log.error({ err: error }, "request failed");
      return reply.code(error.status).send({ code: error.code, message: error.message, ...(error.details === undefined ? {} : { details: error.details }) });
    }
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send({ code: "YUNWEI_BODY_INVALID", message: error.message });
    request.log.error({ err: error }, "request failed");
    return reply.code(500).send({ code: "YUNWEI_ENGINE_FAILED", message: "Something broke on our side; the log of the server has the details." });
  });
}

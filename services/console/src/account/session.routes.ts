import { ROLES, YunweiError } from "@yunwei/service-kit";
import type { State } from "@yunwei/state";
import type { FastifyPluginAsync, FastifyReply } from "fastify";
import { type Static, Type } from "typebox";
import { signIns } from "../telemetry.ts";
import { sessionOf } from "./authenticator.ts";
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from "./password-rules.ts";
import { SESSION_LIFE_MS, sessionCookie } from "./session-rules.ts";
import { endSession } from "./session-store.ts";
import type { SignedIn, SignIn } from "./sign-in.ts";

const Name = Type.String({ minLength: 1, maxLength: 100 });
const Password = Type.String({ minLength: 1, maxLength: MAX_PASSWORD_LENGTH });
const Credentials = Type.Object({ name: Name, password: Password });
const NewPassword = Type.Object({ current: Password, next: Type.String({ minLength: MIN_PASSWORD_LENGTH, maxLength: MAX_PASSWORD_LENGTH }) });
const Who = {
  name: Name,
  role: Type.Enum(Object.keys(ROLES)),
  permissions: Type.Array(Type.String(), { description: "what the role may do" }),
};
const Session = Type.Object(Who);
const OpenedSession = Type.Object({ ...Who, token: Type.String({ description: "for scripts: Authorization: Bearer; it ends 12 h after its last use" }) });
const Done = Type.Object({ done: Type.Boolean() });

const PATH = "/api/v1/session";
const SELF = { permission: "self:read" } as const;

/** Signing in and out, who one is, and the own password. */
export function sessionRoutes(state: State, signIn: SignIn): FastifyPluginAsync {
  return async (app) => {
    app.post<{ Body: Static<typeof Credentials> }>(
      PATH,
      { config: { permission: "public" }, schema: { summary: "Sign in: sets the session cookie", body: Credentials, response: { 200: OpenedSession } } },
      async (request, reply) => {
        const { name, password } = request.body;
        const { token, role } = await tellingWhen(reply, () => counted(() => signIn.signIn(name, password, request.ip)));
        void reply.header("set-cookie", sessionCookie(token, SESSION_LIFE_MS, request.protocol === "https"));
        return { name, role, permissions: [...ROLES[role]], token } satisfies SignedIn & { permissions: string[] };
      },
    );
    app.get(PATH, { config: SELF, schema: { summary: "Who am I", response: { 200: Session } } }, async ({ principal }) => {
      const { name, role } = principal!;
      return { name, role, permissions: [...ROLES[role]] };
    });
    app.delete(PATH, { config: SELF, schema: { summary: "Sign out: ends the session", response: { 200: Done } } }, async (request, reply) => {
      const session = sessionOf(request);
      if (session !== undefined) await endSession(state, session.hash);
      void reply.header("set-cookie", sessionCookie("", 0, request.protocol === "https"));
      return { done: true };
    });
    app.post<{ Body: Static<typeof NewPassword> }>(
      `${PATH}/password`,
      { config: SELF, schema: { summary: "Change the own password: ends all other sessions", body: NewPassword, response: { 200: Done } } },
      async (request, reply) => {
        const session = sessionOf(request);
        if (session === undefined) throw new YunweiError("YUNWEI_UNAUTHENTICATED", "Sign in first.");
        const { current, next } = request.body;
        await tellingWhen(reply, () => signIn.changePassword(request.principal!.name, current, next, session.hash, request.ip));
        return { done: true };
      },
    );
  };
}

/** Says in `Retry-After` when a refused attempt may come again. */
async function tellingWhen<T>(reply: FastifyReply, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof YunweiError && error.code === "YUNWEI_TOO_MANY_REQUESTS") {
      const { retryAfterSeconds } = error.details as { retryAfterSeconds: number };
      void reply.header("retry-after", String(retryAfterSeconds));
    }
    throw error;
  }
}

async function counted<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    const result = await attempt();
    signIns.add(1, { outcome: "ok" });
    return result;
  } catch (error) {
    if (error instanceof YunweiError && error.status < 500) signIns.add(1, { outcome: error.code === "YUNWEI_TOO_MANY_REQUESTS" ? "limited" : "refused" });
    throw error;
  }
}

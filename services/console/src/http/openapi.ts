import swagger from "@fastify/swagger";
import type { FastifyInstance, FastifyPluginAsync, RouteOptions } from "fastify";

/** Collects every route registered after it into one OpenAPI 3.1 document. */
export async function collectOpenApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Yunwei API", version, description: "Sign in with POST /api/v1/session; send its token as Authorization: Bearer, or keep its cookie." },
      components: {
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer", description: "Token of POST /api/v1/session." },
          cookie: {
            type: "apiKey",
            in: "cookie",
            name: "yunwei_session",
            description: "Changes also need content-type application/json or x-requested-with: yunwei.",
          },
        },
      },
    },
    transform: ({ schema, url, route }) => ({ schema: described(schema, url, route), url }),
  });
}

/** What every route has in common: its part of the house, its permission and how to sign in. */
function described(schema: RouteOptions["schema"], url: string, route: RouteOptions): NonNullable<RouteOptions["schema"]> {
  const permission = route.config?.permission ?? "public";
  const tag = /^\/api\/v1\/([\w-]+)/.exec(url)?.[1] ?? "health";
  const note = permission === "public" ? "No sign-in needed." : `Permission: ${permission}.`;
  return {
    tags: [tag],
    ...schema,
    description: [schema?.description, note].filter((part) => part !== undefined).join(" "),
    ...(permission === "public" ? {} : { security: [{ bearer: [] }, { cookie: [] }] }),
  };
}

/** `GET /api/v1/openapi.json`. */
export const openApiRoute: FastifyPluginAsync = async (app) => {
  app.get("/api/v1/openapi.json", { config: { permission: "self:read" }, schema: { summary: "This document" } }, async () => app.swagger());
};

import { fileURLToPath } from "node:url";
import type { Authenticate, Logger } from "@yunwei/service-kit";
import type { State } from "@yunwei/state";
import type { Store } from "@yunwei/store";
import type { TopologyCache } from "@yunwei/topology";
import type { FastifyInstance, FastifyPluginAsync } from "fastify";
import { createAuthenticate } from "./account/authenticator.ts";
import { makeFirstAdministrator } from "./account/first-administrator.ts";
import { sessionRoutes } from "./account/session.routes.ts";
import { SignIn } from "./account/sign-in.ts";
import { deadLetterRoutes } from "./http/dead-letter.routes.ts";
import { entityRoutes } from "./http/entity.routes.ts";
import { ingestRoutes } from "./http/ingest.routes.ts";
import type { IngestOffice } from "./http/ingest-office.ts";
import { collectOpenApi, openApiRoute } from "./http/openapi.ts";
import { overviewRoutes } from "./http/overview.routes.ts";
import { retentionRoutes } from "./http/retention.routes.ts";
import { addSecurityHeaders } from "./http/security-headers.ts";
import { seriesRoutes } from "./http/series.routes.ts";
import { systemRoutes } from "./http/system.routes.ts";
import { webRoutes } from "./http/web.routes.ts";
import { readWebFiles } from "./http/web-files.ts";

const BUILT_WEB = fileURLToPath(new URL("../dist/web", import.meta.url));

export interface ConsoleDependencies {
  readonly store: Store;
  readonly state: State;
  readonly topology: TopologyCache;
  readonly logger: Logger;
  readonly nowMs: () => number;
  readonly version: string;
  /** Password of `admin` for the very first start; "" = a random one. */
  readonly adminPassword: string;
  /** Messages taken in and not stored yet. */
  readonly ingestLag: () => Promise<number>;
  /** Dead letters, quotas and clocks of ingest. */
  readonly ingest: IngestOffice;
  /** Folder of the built web part; default `dist/web` of this service. */
  readonly webFolder?: string;
}

export interface Console {
  /** For `guardRoutes` of the app that `register` is given. */
  readonly authenticate: Authenticate;
  /** Set on the first start when no password was given: to be shown once, kept nowhere. */
  readonly firstPassword: string | undefined;
  /** Puts the OpenAPI document, the plugins of the other services, the console's API and its web part into `app`, in this order. */
  register(app: FastifyInstance, plugins: readonly FastifyPluginAsync[]): Promise<void>;
  close(): Promise<void>;
}

/** Sign-in, read API and web console. @throws YunweiError YUNWEI_BODY_INVALID when the first password is too weak */
export async function createConsole(dependencies: ConsoleDependencies): Promise<Console> {
  const { store, state, topology, logger, nowMs, version, adminPassword, ingestLag, ingest } = dependencies;
  const firstPassword = await makeFirstAdministrator(state, adminPassword, nowMs());
  const files = await readWebFiles(dependencies.webFolder ?? BUILT_WEB);
  if (files.size === 0) logger.warn("the web part of the console has not been built; only the API is served");
  const own = [
    sessionRoutes(state, new SignIn(state, nowMs)),
    overviewRoutes({ store, state, logger, nowMs }),
    seriesRoutes(store, nowMs),
    entityRoutes(store, topology, nowMs),
    systemRoutes({ store, version, nowMs, ingestLag }),
    deadLetterRoutes(ingest, nowMs),
    ingestRoutes(store, ingest, nowMs),
    retentionRoutes(ingest, nowMs),
    openApiRoute,
    webRoutes(files),
  ];
  return {
    authenticate: createAuthenticate(state, nowMs),
    firstPassword,
    async register(app, plugins) {
      addSecurityHeaders(app);
      await collectOpenApi(app, version);
      for (const plugin of [...plugins, ...own]) await app.register(plugin);
    },
    async close() {
      // Holds nothing open: engines and app belong to who made them.
    },
  };
}

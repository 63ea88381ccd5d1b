import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { answerErrors, createLogger, guardRoutes } from "@yunwei/service-kit";
import { type EmbeddedState, migrate, openEmbeddedState } from "@yunwei/state";
import { migrateStore, openEmbeddedStore, type Store } from "@yunwei/store";
import { TopologyCache } from "@yunwei/topology";
import fastify, { type FastifyInstance, type RouteOptions } from "fastify";
import { addAccount } from "./account/account-store.ts";
import { hashPassword } from "./account/password-hash.ts";
import { type Console, createConsole } from "./console.ts";
import { incidentOf } from "./incident.test-data.ts";
import { ingestOfficeOf } from "./ingest-office.test-data.ts";
import { seedIncident, seedTelemetry } from "./seed.test-data.ts";

/** Password of `wang` (operator) and `boss` (manager). */
export const PASSWORD = "lighthouse-7-keeper";
export const START_MS = Math.floor(Date.now() / 1000) * 1000;
export const silent = createLogger("console", "silent");

export interface TestConsole {
  readonly state: EmbeddedState;
  readonly store: Store;
  readonly app: FastifyInstance;
  readonly console: Console;
  readonly routes: readonly RouteOptions[];
  /** The process clock. */
  clockMs: number;
  signIn(name: string, password?: string, remoteAddress?: string): Promise<SignedInReply>;
  close(): Promise<void>;
}

interface SignedInReply {
  readonly response: Awaited<ReturnType<FastifyInstance["inject"]>>;
  readonly token: string;
  readonly cookie: string;
}

/** The console's API on real engines with a small seeded estate, two routes of somebody else, and a page instead of the built one. */
export async function openTestConsole(): Promise<TestConsole> {
  const base = await mkdtemp(join(tmpdir(), "yunwei console "));
  const web = join(base, "web");
  await mkdir(join(web, "assets"), { recursive: true });
  await writeFile(join(web, "index.html"), '<!doctype html><meta name="nonce" content="__YUNWEI_NONCE__"><div id="root"></div>');
  await writeFile(join(web, "assets", "entry-abc123.js"), "export const a = 1;\n".repeat(100));
  await writeFile(join(base, "secret.txt"), "not for you");
  const [state, store] = await Promise.all([
    openEmbeddedState({ folder: join(base, "pg"), logger: silent }),
    openEmbeddedStore({ folder: join(base, "clickhouse"), writers: 1, readers: 1 }),
  ]);
  const schemas = resolve(import.meta.dirname, "../../../schemas");
  await Promise.all([migrate(state, join(schemas, "postgres")), migrateStore(store, join(schemas, "clickhouse"))]);
  await seedTelemetry(store, START_MS);
  await seedIncidents(state);
  const made = { clockMs: START_MS };
  const nowMs = () => made.clockMs;
  const topology = new TopologyCache({ store, declaredPath: join(base, "none.yaml"), nowMs, onTrouble: () => undefined });
  const console_ = await createConsole({
    store,
    state,
    topology,
    logger: silent,
    nowMs,
    version: "0.0.1-test",
    adminPassword: "",
    ingestLag: async () => 7,
    ingest: ingestOfficeOf(Date.now()),
    webFolder: web,
  });
  await addAccount(state, { name: "wang", role: "operator", passwordHash: await hashPassword(PASSWORD) }, nowMs());
  await addAccount(state, { name: "boss", role: "manager", passwordHash: await hashPassword(PASSWORD) }, nowMs());
  const routes: RouteOptions[] = [];
  const app = fastify();
  answerErrors(app);
  guardRoutes(app, console_.authenticate);
  app.addHook("onRoute", (route) => void routes.push(route));
  await console_.register(app, [othersRoutes]);
  await app.ready();
  return Object.assign(made, {
    state,
    store,
    app,
    console: console_,
    routes,
    async signIn(name: string, password = PASSWORD, remoteAddress = "10.0.0.1") {
      const response = await app.inject({ method: "POST", url: "/api/v1/session", payload: { name, password }, remoteAddress });
      return { response, token: response.json<{ token?: string }>().token ?? "", cookie: String(response.headers["set-cookie"] ?? "") };
    },
    async close() {
      await app.close();
      await console_.close();
      await store.close();
      await state.close();
      await rm(base, { recursive: true, force: true });
    },
  });
}

export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}

async function othersRoutes(app: FastifyInstance): Promise<void> {
  app.get("/api/v1/other/:id", { config: { permission: "change:write" } }, async () => ({ ok: true }));
  app.post("/api/v1/other", { config: { permission: "incident:work" } }, async () => ({ ok: true }));
}

/** Open at Suzhou, restored at Nanjing, closed at Suzhou. */
async function seedIncidents(state: EmbeddedState): Promise<void> {
  await seedIncident(state, incidentOf(START_MS));
  await seedIncident(state, incidentOf(START_MS, { incidentId: "i2", number: "INC-2", state: "mitigated", priority: "P1", sites: ["nanjing"] }));
  await seedIncident(state, incidentOf(START_MS, { incidentId: "i3", number: "INC-3", state: "closed", priority: "P1" }));
}

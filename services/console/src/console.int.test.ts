import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { SITES } from "@yunwei/schemas";
import { answerErrors, createLogger, guardRoutes, type Permission, ROLES } from "@yunwei/service-kit";
import { type EmbeddedState, migrate, openEmbeddedState } from "@yunwei/state";
import { migrateStore, openEmbeddedStore, type Store } from "@yunwei/store";
import { TopologyCache } from "@yunwei/topology";
import fastify, { type FastifyInstance, type RouteOptions } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addAccount } from "./account/account-store.ts";
import { hashPassword } from "./account/password-hash.ts";
import { type Console, createConsole } from "./console.ts";
import { incidentOf } from "./incident.test-data.ts";
import { seedIncident, seedTelemetry } from "./seed.test-data.ts";

const logger = createLogger("console", "silent");
const PASSWORD = "lighthouse-7-keeper";
const START = Math.floor(Date.now() / 1000) * 1000;

let base: string;
let state: EmbeddedState;
let store: Store;
let app: FastifyInstance;
let made: Console;
let clockMs = START;
const routes: RouteOptions[] = [];

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "yunwei console "));
  const web = join(base, "web");
  await mkdir(join(web, "assets"), { recursive: true });
  await writeFile(join(web, "index.html"), '<!doctype html><meta name="nonce" content="__YUNWEI_NONCE__"><div id="root"></div>');
  await writeFile(join(web, "assets", "entry-abc123.js"), "export const a = 1;\n".repeat(100));
  await writeFile(join(base, "secret.txt"), "not for you");
  [state, store] = await Promise.all([
    openEmbeddedState({ folder: join(base, "pg"), logger }),
    openEmbeddedStore({ folder: join(base, "clickhouse"), writers: 1, readers: 1 }),
  ]);
  await Promise.all([
    migrate(state, resolve(import.meta.dirname, "../../../schemas/postgres")),
    migrateStore(store, resolve(import.meta.dirname, "../../../schemas/clickhouse")),
  ]);
  await seedTelemetry(store, START);
  await seedIncident(state, incidentOf(START));
  await seedIncident(state, incidentOf(START, { incidentId: "i2", number: "INC-2", state: "mitigated", priority: "P1", sites: ["nanjing"] }));
  await seedIncident(state, incidentOf(START, { incidentId: "i3", number: "INC-3", state: "closed", priority: "P1" }));
  const nowMs = () => clockMs;
  const topology = new TopologyCache({ store, declaredPath: join(base, "none.yaml"), nowMs, onTrouble: () => undefined });
  made = await createConsole({ store, state, topology, logger, nowMs, version: "0.0.1-test", adminPassword: "", ingestLag: async () => 7, webFolder: web });
  await addAccount(state, { name: "wang", role: "operator", passwordHash: await hashPassword(PASSWORD) }, clockMs);
  await addAccount(state, { name: "boss", role: "manager", passwordHash: await hashPassword(PASSWORD) }, clockMs);
  app = fastify();
  answerErrors(app);
  guardRoutes(app, made.authenticate);
  app.addHook("onRoute", (route) => void routes.push(route));
  await made.register(app, [
    async (plugin) => {
      plugin.get("/api/v1/other/:id", { config: { permission: "change:write" } }, async () => ({ ok: true }));
      plugin.post("/api/v1/other", { config: { permission: "incident:work" } }, async () => ({ ok: true }));
    },
  ]);
  await app.ready();
});
afterAll(async () => {
  await app?.close();
  await made?.close();
  await store?.close();
  await state?.close();
  await rm(base, { recursive: true, force: true });
});

async function signIn(name: string, password = PASSWORD, remoteAddress = "10.0.0.1") {
  const response = await app.inject({ method: "POST", url: "/api/v1/session", payload: { name, password }, remoteAddress });
  return { response, token: response.json<{ token?: string }>().token ?? "", cookie: String(response.headers["set-cookie"] ?? "") };
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
async function read<T>(url: string, token: string): Promise<T> {
  const response = await app.inject({ url, headers: bearer(token) });
  expect(response.statusCode, response.body).toBe(200);
  return response.json<T>();
}

describe("sign-in", () => {
  it("makes admin once with a random password that works, and keeps only its hash", async () => {
    expect(made.firstPassword).toMatch(/^[0-9a-f]{6}(-[0-9a-f]{6}){4}$/);
    const { response } = await signIn("admin", made.firstPassword);
    expect(response.json()).toMatchObject({ name: "admin", role: "admin", permissions: ROLES.admin });
    const rows = await state.query<{ all: string }>(
      "SELECT row_to_json(user_account)::text AS all FROM user_account UNION ALL SELECT row_to_json(user_session)::text FROM user_session",
    );
    for (const row of rows) {
      expect(row.all).not.toContain(made.firstPassword);
      expect(row.all).not.toContain(response.json<{ token: string }>().token);
    }
    const again = await createConsole({
      store,
      state,
      topology: undefined as never,
      logger,
      nowMs: () => clockMs,
      version: "",
      adminPassword: "",
      ingestLag: async () => 0,
    });
    expect(again.firstPassword).toBeUndefined();
  });

  it("sets a cookie that scripts and other sites cannot use, and that signs in", async () => {
    const { cookie, token } = await signIn("wang");
    expect(cookie).toBe(`yunwei_session=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200`);
    const me = await app.inject({ url: "/api/v1/session", headers: { cookie: `other=1; yunwei_session=${token}` } });
    expect(me.json()).toEqual({ name: "wang", role: "operator", permissions: ROLES.operator });
  });

  it("answers the same to a wrong name and a wrong password", async () => {
    const unknown = await signIn("nobody", PASSWORD, "10.0.0.2");
    const wrong = await signIn("wang", "wrong-password", "10.0.0.2");
    expect(unknown.response.statusCode).toBe(401);
    expect(unknown.response.body).toBe(wrong.response.body);
  });

  it("makes guessing slow, and forgives after the wait", async () => {
    for (let i = 0; i < 5; i++) expect((await signIn("wang", `guess-number-${i}`, "10.0.0.9")).response.statusCode).toBe(401);
    const refused = await signIn("wang", PASSWORD, "10.0.0.9");
    expect(refused.response.statusCode).toBe(429);
    expect(refused.response.headers["retry-after"]).toBe("1");
    expect((await signIn("wang", PASSWORD, "10.0.0.10")).response.statusCode).toBe(200);
    clockMs += 1_001;
    expect((await signIn("wang", PASSWORD, "10.0.0.9")).response.statusCode).toBe(200);
  });

  it("ends a session when signed out, when unused for 12 hours, and not while it is used", async () => {
    const out = await signIn("wang");
    await app.inject({ method: "DELETE", url: "/api/v1/session", headers: bearer(out.token) });
    expect((await app.inject({ url: "/api/v1/session", headers: bearer(out.token) })).statusCode).toBe(401);
    const { token } = await signIn("wang");
    for (let hour = 0; hour < 3; hour++) {
      clockMs += 11 * 3_600_000;
      expect((await app.inject({ url: "/api/v1/session", headers: bearer(token) })).statusCode).toBe(200);
    }
    clockMs += 12 * 3_600_000;
    expect((await app.inject({ url: "/api/v1/session", headers: bearer(token) })).statusCode).toBe(401);
    clockMs = START;
  });

  it("changes the own password and ends the other sessions", async () => {
    await addAccount(state, { name: "liu", role: "operator", passwordHash: await hashPassword(PASSWORD) }, clockMs);
    const [here, there] = [await signIn("liu"), await signIn("liu")];
    const change = (current: string, next: string) =>
      app.inject({ method: "POST", url: "/api/v1/session/password", headers: bearer(here.token), payload: { current, next } });
    expect((await change("not-the-password", "another-long-word")).statusCode).toBe(403);
    expect((await change(PASSWORD, "liu-liu-liu-1")).statusCode).toBe(400);
    expect((await change(PASSWORD, "another-long-word")).json()).toEqual({ done: true });
    expect((await app.inject({ url: "/api/v1/session", headers: bearer(there.token) })).statusCode).toBe(401);
    expect((await app.inject({ url: "/api/v1/session", headers: bearer(here.token) })).statusCode).toBe(200);
    expect((await signIn("liu", "another-long-word")).response.statusCode).toBe(200);
  });
});

describe("the guard", () => {
  it("denies every route that is not public to strangers, and to a role without its permission", async () => {
    const guarded = routes.filter((route) => route.config?.permission !== "public");
    expect(guarded.length).toBeGreaterThan(10);
    const { token } = await signIn("boss");
    for (const route of guarded) {
      for (const method of [route.method].flat() as ("GET" | "POST")[]) {
        const url = route.url.replace(/:\w+/g, "0123456789abcdef");
        const headers = { "content-type": "application/json" };
        expect((await app.inject({ method, url })).statusCode, `${method} ${url} by nobody`).toBe(401);
        expect((await app.inject({ method, url, headers: bearer("A".repeat(43)) })).statusCode, `${method} ${url} with a made-up token`).toBe(401);
        if ((ROLES.manager as readonly Permission[]).includes(route.config!.permission!)) continue;
        expect(
          (await app.inject({ method, url, headers: { ...headers, ...bearer(token) }, ...(method === "POST" ? { payload: "{}" } : {}) })).statusCode,
          `${method} ${url} by a manager`,
        ).toBe(403);
      }
    }
  });

  it("takes a change by cookie only from our own page", async () => {
    const { token } = await signIn("wang");
    const cookie = `yunwei_session=${token}`;
    const post = (headers: Record<string, string>) => app.inject({ method: "POST", url: "/api/v1/other", headers: { cookie, ...headers } });
    expect((await post({})).statusCode).toBe(403);
    expect((await app.inject({ method: "POST", url: "/api/v1/other", headers: { cookie, "content-type": "text/plain" }, payload: "{}" })).statusCode).toBe(403);
    expect((await post({ "x-requested-with": "yunwei" })).statusCode).toBe(200);
    expect(
      (await app.inject({ method: "POST", url: "/api/v1/other", headers: { cookie, "content-type": "application/json" }, payload: "{}" })).statusCode,
    ).toBe(200);
  });

  it("lists every route in the OpenAPI document, with its permission", async () => {
    const { token } = await signIn("wang");
    const document = await read<{ openapi: string; paths: Record<string, Record<string, { description: string; security?: unknown[] }>> }>(
      "/api/v1/openapi.json",
      token,
    );
    expect(document.openapi).toBe("3.1.0");
    for (const route of routes.filter((one) => one.url !== "/*" && one.method !== "HEAD")) {
      const operation = document.paths[route.url.replace(/:(\w+)/g, "{$1}")]?.[String(route.method).toLowerCase()];
      expect(operation, `${route.method} ${route.url}`).toBeDefined();
      expect(operation!.description).toContain(route.config!.permission === "public" ? "No sign-in" : route.config!.permission!);
      expect(operation!.security === undefined).toBe(route.config!.permission === "public");
    }
  });
});

describe("the web part", () => {
  const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });

  it("serves the page for every path of the console with a strict policy and a fresh nonce", async () => {
    const [one, two] = [await get("/incidents/abc?x=1"), await get("/")];
    for (const response of [one, two]) {
      expect(response.headers["content-type"]).toContain("text/html");
      expect(response.headers["cache-control"]).toBe("no-store");
      const policy = String(response.headers["content-security-policy"]);
      expect(policy).toContain("default-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/script-src[^;]*unsafe/);
      expect(response.body).toContain(`content="${/'nonce-([^']+)'/.exec(policy)![1]}"`);
      expect(response.headers).toMatchObject({ "x-content-type-options": "nosniff", "referrer-policy": "same-origin" });
    }
    expect(one.body).not.toBe(two.body);
  });

  it("keeps hashed files for ever and the API for nobody", async () => {
    const asset = await get("/assets/entry-abc123.js", { "accept-encoding": "gzip" });
    expect(asset.headers).toMatchObject({ "cache-control": "public, max-age=31536000, immutable", "content-encoding": "gzip" });
    expect((await get("/api/v1/session")).headers["cache-control"]).toBe("no-store");
    expect((await get("/assets/gone-123.js")).statusCode).toBe(404);
    for (const path of ["/api/v1/nothing", "/api", "/v1/metrics", "/health/x"]) expect((await get(path)).statusCode, path).toBe(404);
  });

  it.each([
    "/../secret.txt",
    "/assets/../../secret.txt",
    "/assets/..%2f..%2fsecret.txt",
    "/%2e%2e/secret.txt",
    "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
    "/..\\secret.txt",
    "//etc/passwd",
    "/assets/%00",
    "/index.html%00.js",
    "/__proto__",
    "/constructor",
  ])("gives nothing away at %s", async (path) => {
    const response = await get(path);
    expect(response.body).not.toMatch(/not for you|root:/);
    if (response.statusCode === 200) expect(response.body).toContain('id="root"');
  });
});

describe("the read API", () => {
  let token: string;
  beforeAll(async () => {
    token = (await signIn("wang")).token;
  });

  it("shows 14 tiles of 16 sites and what else was seen; silence is not health", async () => {
    const { tiles, others, telemetryKnown } = await read<{
      tiles: { tile: string; sites: { site: string; level: string; health: number | null; freshness: { state: string } }[] }[];
      others: { site: string; hosts: number }[];
      telemetryKnown: boolean;
    }>("/api/v1/overview", token);
    expect(telemetryKnown).toBe(true);
    expect(tiles).toHaveLength(14);
    expect(tiles.flatMap((tile) => tile.sites.map((site) => site.site)).sort()).toEqual(SITES.map((site) => site.id).sort());
    const of = (id: string) => tiles.flatMap((tile) => tile.sites).find((site) => site.site === id)!;
    expect(of("nanjing")).toMatchObject({ level: "ok", health: 100, freshness: { state: "fresh" } });
    expect(of("suzhou")).toMatchObject({ level: "degraded", health: 70, incidents: { P1: 0, P2: 1 } });
    expect(of("wuxi")).toMatchObject({ level: "unknown", health: null, freshness: { state: "stale" } });
    expect(of("huaian")).toMatchObject({ level: "unknown", health: null, freshness: { state: "never" } });
    expect(others).toEqual([expect.objectContaining({ site: "local", hosts: 1 })]);
  });

  it("finds series and reads a gauge as it is, a counter as a rate, a histogram as a mean, a gap as null", async () => {
    const { series } = await read<{ series: { seriesId: string; metric: string }[] }>("/api/v1/series?entity=host:db-7", token);
    const points = async (metric: string) => {
      const { seriesId } = series.find((one) => one.metric === metric)!;
      const from = new Date(START - 600_000).toISOString();
      return read<{ unit: string; reading: string; resolution: string; points: [number, number | null][] }>(
        `/api/v1/series/${seriesId}/points?metric=${metric}&from=${from}&maxPoints=60`,
        token,
      );
    };
    const cpu = await points("system.cpu.utilization");
    expect(cpu).toMatchObject({ reading: "value", resolution: "raw", unit: "1" });
    expect(cpu.points.filter(([, value]) => value === null).length).toBe(1);
    expect(cpu.points.filter(([, value]) => value !== null).every(([, value]) => Math.abs(value! - 0.5) < 1e-9)).toBe(true);
    const io = await points("system.disk.io");
    expect(io).toMatchObject({ reading: "rate", unit: "By/s" });
    expect(io.points.length).toBeGreaterThan(10);
    for (const [, value] of io.points) expect(value).toBeCloseTo(100, 6);
    const duration = await points("http.server.request.duration");
    expect(duration).toMatchObject({ reading: "mean", unit: "s" });
    for (const [, value] of duration.points) expect(value).toBeCloseTo(0.2, 9);
  });

  it("reads the roll-ups for long stretches", async () => {
    const { series } = await read<{ series: { seriesId: string }[] }>("/api/v1/series?entity=host:db-7&metric=system.cpu.utilization", token);
    for (const [days, resolution] of [
      [3, "5m"],
      [60, "1h"],
    ] as const) {
      const from = new Date(START - days * 86_400_000).toISOString();
      const reply = await read<{ resolution: string; points: [number, number | null][] }>(`/api/v1/series/${series[0]!.seriesId}/points?from=${from}`, token);
      expect(reply.resolution).toBe(resolution);
      expect(reply.points.filter(([, value]) => value !== null).at(-1)![1]).toBeCloseTo(0.5, 9);
    }
  });

  it("makes derived series again from spans and edges, and says when it cannot", async () => {
    const ask = (entity: string, metric: string) =>
      read<{ resolution: string; points: [number, number | null][]; reason?: string }>(
        `/api/v1/series/00000000000000ff/points?entity=${encodeURIComponent(entity)}&metric=${metric}`,
        token,
      );
    const duration = await ask("service:order", "yunwei.service.duration");
    expect(duration.resolution).toBe("derived");
    expect(duration.points.map(([, value]) => value)).toContain(0.25);
    expect((await ask("edge:order->order-db", "yunwei.edge.error_ratio")).points.some(([, value]) => value === 0.5)).toBe(true);
    expect((await ask("service:order", "yunwei.log.error_rate")).reason).toBe("no_points");
    expect((await ask("service:order", "yunwei.service.self_time")).points.map(([, value]) => value)).toContain(0.15);
    expect((await ask("edge:order->order-db", "yunwei.edge.gap")).points.map(([, value]) => value)).toContain(0.1);
    expect((await ask("link:a-b", "yunwei.link.rtt")).reason).toBe("not_stored");
  });

  it("tells of an entity: last values, what it stands on and who calls it", async () => {
    const host = await read<{ node: { site: string }; series: { metric: string; last: number | null; readUnit: string }[]; carries: { entities: string[] } }>(
      "/api/v1/entity?entity=host:db-7",
      token,
    );
    expect(host.node.site).toBe("suzhou");
    expect(host.series.find((one) => one.metric === "system.disk.io")).toMatchObject({ readUnit: "By/s", last: expect.closeTo(100, 6) as number });
    expect(host.carries.entities).toContain("instance:order/o-1");
    const service = await read<{ calls: { entities: string[] }; instances: { entities: string[] } }>("/api/v1/entity?entity=service:order", token);
    expect(service.calls.entities).toEqual(["database:order-db"]);
    expect(service.instances.entities).toEqual(["instance:order/o-1"]);
    const { entities } = await read<{ entities: { entity: string }[] }>("/api/v1/entities?query=DB-7&type=host", token);
    expect(entities.map((one) => one.entity)).toEqual(["host:db-7"]);
    expect((await app.inject({ url: "/api/v1/entity?entity=host:nobody", headers: bearer(token) })).statusCode).toBe(404);
  });

  it("tells of itself", async () => {
    const system = await read<{ version: string; ingestLag: number; tables: { table: string; rows: number }[] }>("/api/v1/system", token);
    expect(system).toMatchObject({ version: "0.0.1-test", ingestLag: 7 });
    expect(system.tables.find((one) => one.table === "metric_points")!.rows).toBeGreaterThan(0);
  });

  it.each([
    "/api/v1/series",
    "/api/v1/series?metric=x&from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
    "/api/v1/series?metric=x&from=1960-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
    "/api/v1/series?metric=x&limit=100000",
    "/api/v1/series/xyz/points",
    "/api/v1/series/0123456789abcdef/points?from=yesterday",
    "/api/v1/entity?entity=nothing",
    "/api/v1/entity?entity=planet:mars",
    "/api/v1/entities?type=planet",
    `/api/v1/entities?query=${"x".repeat(300)}`,
  ])("refuses %s with a reason", async (url) => {
    const response = await app.inject({ url, headers: bearer(token) });
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: "YUNWEI_BODY_INVALID", message: expect.stringMatching(/.{10,}/) as string });
  });
});

import { type Permission, ROLES } from "@yunwei/service-kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addAccount } from "./account/account-store.ts";
import { hashPassword } from "./account/password-hash.ts";
import { bearer, openTestConsole, PASSWORD, START_MS, silent, type TestConsole } from "./console.test-data.ts";
import { createConsole } from "./console.ts";
import { ingestOfficeOf } from "./ingest-office.test-data.ts";

let test: TestConsole;
beforeAll(async () => {
  test = await openTestConsole();
});
afterAll(() => test?.close());

async function read<T>(url: string, token: string): Promise<T> {
  const response = await test.app.inject({ url, headers: bearer(token) });
  expect(response.statusCode, response.body).toBe(200);
  return response.json<T>();
}

describe("sign-in", () => {
  it("makes admin once with a random password that works, and keeps only its hash", async () => {
    expect(test.console.firstPassword).toMatch(/^[0-9a-f]{6}(-[0-9a-f]{6}){4}$/);
    const { response } = await test.signIn("admin", test.console.firstPassword);
    expect(response.json()).toMatchObject({ name: "admin", role: "admin", permissions: ROLES.admin });
    const rows = await test.state.query<{ all: string }>(
      "SELECT row_to_json(user_account)::text AS all FROM user_account UNION ALL SELECT row_to_json(user_session)::text FROM user_session",
    );
    for (const row of rows) {
      expect(row.all).not.toContain(test.console.firstPassword);
      expect(row.all).not.toContain(response.json<{ token: string }>().token);
    }
    const again = await createConsole({
      store: test.store,
      state: test.state,
      topology: undefined as never,
      logger: silent,
      nowMs: () => test.clockMs,
      version: "",
      adminPassword: "",
      ingestLag: async () => 0,
      ingest: ingestOfficeOf(Date.now()),
    });
    expect(again.firstPassword).toBeUndefined();
  });

  it("sets a cookie that scripts and other sites cannot use, and that signs in", async () => {
    const { cookie, token } = await test.signIn("wang");
    expect(cookie).toBe(`yunwei_session=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200`);
    const me = await test.app.inject({ url: "/api/v1/session", headers: { cookie: `other=1; yunwei_session=${token}` } });
    expect(me.json()).toEqual({ name: "wang", role: "operator", permissions: ROLES.operator });
  });

  it("answers the same to a wrong name and a wrong password", async () => {
    const unknown = await test.signIn("nobody", PASSWORD, "10.0.0.2");
    const wrong = await test.signIn("wang", "wrong-password", "10.0.0.2");
    expect(unknown.response.statusCode).toBe(401);
    expect(unknown.response.body).toBe(wrong.response.body);
  });

  it("makes guessing slow, and forgives after the wait", async () => {
    for (let i = 0; i < 5; i++) expect((await test.signIn("wang", `guess-number-${i}`, "10.0.0.9")).response.statusCode).toBe(401);
    const refused = await test.signIn("wang", PASSWORD, "10.0.0.9");
    expect(refused.response.statusCode).toBe(429);
    expect(refused.response.headers["retry-after"]).toBe("1");
    expect((await test.signIn("wang", PASSWORD, "10.0.0.10")).response.statusCode).toBe(200);
    test.clockMs += 1_001;
    expect((await test.signIn("wang", PASSWORD, "10.0.0.9")).response.statusCode).toBe(200);
  });

  it("ends a session when signed out, when unused for 12 hours, and not while it is used", async () => {
    const out = await test.signIn("wang");
    await test.app.inject({ method: "DELETE", url: "/api/v1/session", headers: bearer(out.token) });
    expect((await test.app.inject({ url: "/api/v1/session", headers: bearer(out.token) })).statusCode).toBe(401);
    const { token } = await test.signIn("wang");
    for (let hour = 0; hour < 3; hour++) {
      test.clockMs += 11 * 3_600_000;
      expect((await test.app.inject({ url: "/api/v1/session", headers: bearer(token) })).statusCode).toBe(200);
    }
    test.clockMs += 12 * 3_600_000;
    expect((await test.app.inject({ url: "/api/v1/session", headers: bearer(token) })).statusCode).toBe(401);
    test.clockMs = START_MS;
  });

  it("changes the own password and ends the other sessions", async () => {
    await addAccount(test.state, { name: "liu", role: "operator", passwordHash: await hashPassword(PASSWORD) }, test.clockMs);
    const [here, there] = [await test.signIn("liu"), await test.signIn("liu")];
    const change = (current: string, next: string) =>
      test.app.inject({ method: "POST", url: "/api/v1/session/password", headers: bearer(here.token), payload: { current, next } });
    expect((await change("not-the-password", "another-long-word")).statusCode).toBe(403);
    expect((await change(PASSWORD, "liu-liu-liu-1")).statusCode).toBe(400);
    expect((await change(PASSWORD, "another-long-word")).json()).toEqual({ done: true });
    expect((await test.app.inject({ url: "/api/v1/session", headers: bearer(there.token) })).statusCode).toBe(401);
    expect((await test.app.inject({ url: "/api/v1/session", headers: bearer(here.token) })).statusCode).toBe(200);
    expect((await test.signIn("liu", "another-long-word")).response.statusCode).toBe(200);
  });
});

describe("the guard", () => {
  it("denies every route that is not public to strangers, and to a role without its permission", async () => {
    const guarded = test.routes.filter((route) => route.config?.permission !== "public");
    expect(guarded.length).toBeGreaterThan(10);
    const { token } = await test.signIn("boss");
    for (const route of guarded) {
      for (const method of [route.method].flat() as ("GET" | "POST")[]) {
        const url = route.url.replace(/:\w+/g, "0123456789abcdef");
        const headers = { "content-type": "application/json" };
        expect((await test.app.inject({ method, url })).statusCode, `${method} ${url} by nobody`).toBe(401);
        expect((await test.app.inject({ method, url, headers: bearer("A".repeat(43)) })).statusCode, `${method} ${url} with a made-up token`).toBe(401);
        if ((ROLES.manager as readonly Permission[]).includes(route.config!.permission!)) continue;
        expect(
          (await test.app.inject({ method, url, headers: { ...headers, ...bearer(token) }, ...(method === "POST" ? { payload: "{}" } : {}) })).statusCode,
          `${method} ${url} by a manager`,
        ).toBe(403);
      }
    }
  });

  it("takes a change by cookie only from our own page", async () => {
    const { token } = await test.signIn("wang");
    const cookie = `yunwei_session=${token}`;
    const post = (headers: Record<string, string>) => test.app.inject({ method: "POST", url: "/api/v1/other", headers: { cookie, ...headers } });
    expect((await post({})).statusCode).toBe(403);
    expect((await test.app.inject({ method: "POST", url: "/api/v1/other", headers: { cookie, "content-type": "text/plain" }, payload: "{}" })).statusCode).toBe(
      403,
    );
    expect((await post({ "x-requested-with": "yunwei" })).statusCode).toBe(200);
    expect(
      (await test.app.inject({ method: "POST", url: "/api/v1/other", headers: { cookie, "content-type": "application/json" }, payload: "{}" })).statusCode,
    ).toBe(200);
  });

  it("lists every route in the OpenAPI document, with its permission", async () => {
    const { token } = await test.signIn("wang");
    const document = await read<{ openapi: string; paths: Record<string, Record<string, { description: string; security?: unknown[] }>> }>(
      "/api/v1/openapi.json",
      token,
    );
    expect(document.openapi).toBe("3.1.0");
    for (const route of test.routes.filter((one) => one.url !== "/*" && one.method !== "HEAD")) {
      const operation = document.paths[route.url.replace(/:(\w+)/g, "{$1}")]?.[String(route.method).toLowerCase()];
      expect(operation, `${route.method} ${route.url}`).toBeDefined();
      expect(operation!.description).toContain(route.config!.permission === "public" ? "No sign-in" : route.config!.permission!);
      expect(operation!.security === undefined).toBe(route.config!.permission === "public");
    }
  });
});

describe("the web part", () => {
  const get = (url: string, headers: Record<string, string> = {}) => test.app.inject({ url, headers });

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

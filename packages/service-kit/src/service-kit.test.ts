import { readFileSync } from "node:fs";
import { fastify } from "fastify";
import { Type } from "typebox";
import { describe, expect, it } from "vitest";
import { allows, answerErrors, contentId, ERROR_CODES, guardRoutes, loadConfig, parseYaml, ROLES, YunweiError } from "./index.ts";

describe("loadConfig", () => {
  const schema = Type.Object({ PORT: Type.Integer({ minimum: 1, default: 80 }), NAME: Type.String({ default: "x" }), ON: Type.Boolean({ default: true }) });

  it("fills in defaults and converts text; an empty variable is not set", () => {
    expect(loadConfig(schema, { PORT: "8080", ON: "false", NAME: "", OTHER: "1" })).toEqual({ PORT: 8080, NAME: "x", ON: false });
  });

  it("names every bad variable at once", () => {
    expect(() => loadConfig(schema, { PORT: "0", ON: "perhaps" })).toThrow(/PORT.*ON/);
  });
});

describe("contentId", () => {
  it("is the same for the same parts and tells parts from their joining", () => {
    expect(contentId("ab", "c")).toBe(contentId("ab", "c"));
    expect(contentId("ab", "c")).not.toBe(contentId("a", "bc"));
    expect(contentId(1n, 2)).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe("parseYaml", () => {
  const rules = { file: "f.yaml", code: "YUNWEI_CONFIG_INVALID" as const, schema: Type.Object({ a: Type.Integer() }, { additionalProperties: false }) };

  it("survives aliases that grow without end, and text that is not YAML", () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]`;
    for (const text of [bomb, "a: [", "a: 1\na: 2", "\u0000"]) expect(() => parseYaml(text, rules)).toThrow(YunweiError);
    expect(parseYaml("a: 1", rules)).toEqual({ a: 1 });
  });
});

describe("the guard", () => {
  const open = async () => {
    const app = fastify();
    answerErrors(app);
    guardRoutes(app, async (request) => (request.headers["x-role"] === "manager" ? { name: "m", role: "manager" } : undefined));
    return app;
  };

  it("refuses a route that names no permission when it is registered", async () => {
    const app = await open();
    expect(() => app.get("/open", async () => "x")).toThrow(/names no permission/);
  });

  it("answers 401 to nobody, 403 to the wrong role, and hides what broke", async () => {
    const app = await open();
    app.get("/work", { config: { permission: "incident:work" } }, async () => "done");
    app.get("/read", { config: { permission: "incident:read" } }, async () => {
      throw new Error("password is hunter2");
    });
    expect((await app.inject("/work")).statusCode).toBe(401);
    expect((await app.inject({ url: "/work", headers: { "x-role": "manager" } })).statusCode).toBe(403);
    const broken = await app.inject({ url: "/read", headers: { "x-role": "manager" } });
    expect([broken.statusCode, broken.body.includes("hunter2")]).toEqual([500, false]);
  });

  it("gives a manager nothing to change", () => {
    for (const permission of ROLES.manager) expect(permission).toMatch(/:read$/);
    expect(allows({ name: "m", role: "manager" }, "telemetry:read")).toBe(false);
  });
});

describe("docs/errors.md", () => {
  it("lists the codes that the code has, with their status", () => {
    const listed = [...readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8").matchAll(/^\| `(YUNWEI_\w+)` \| (\d+) \| (yes|no) \|/gm)].map(
      (match) => [match[1], Number(match[2]), match[3] === "yes"],
    );
    expect(listed).toEqual(Object.entries(ERROR_CODES).map(([code, { status, retryable }]) => [code, status, retryable]));
  });
});

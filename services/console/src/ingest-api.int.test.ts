import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bearer, openTestConsole, PASSWORD, START_MS, type TestConsole } from "./console.test-data.ts";
import { seedAccounts } from "./ingest-office.test-data.ts";

let stand: TestConsole;
let operator: string;
let manager: string;
beforeAll(async () => {
  stand = await openTestConsole();
  await seedAccounts(stand.store, START_MS);
  operator = (await stand.signIn("wang", PASSWORD)).token;
  manager = (await stand.signIn("boss", PASSWORD)).token;
});
afterAll(() => stand.close());

const get = (path: string, token = operator) => stand.app.inject({ url: `/api/v1/ingest/${path}`, headers: bearer(token) });
const replay = (id: string, body: unknown, token = operator) =>
  stand.app.inject({ method: "POST", url: `/api/v1/ingest/dead-letters/${encodeURIComponent(id)}/replay`, headers: bearer(token), payload: body as object });

describe("the books of ingest", () => {
  it("say what became of everything, by token and signal", async () => {
    const books = (await get("accounting")).json<{ verdict: string; accounts: Record<string, unknown>[]; inFlight: unknown; faults: unknown[] }>();
    expect(books).toMatchObject({ verdict: "accounted", inFlight: { metrics: 3, logs: 0, traces: 0 }, faults: [] });
    expect(books.accounts).toHaveLength(4);
    expect(books.accounts[1]).toEqual({
      signal: "metrics",
      source: "suzhou",
      received: 310_248,
      stored: 310_000,
      rejected: 48,
      dead: 200,
      missing: 0,
      surplus: 0,
      unannounced: 0,
    });
  });

  it("show a loss and a gap", async () => {
    const row = { at: Math.floor(START_MS / 1000) - 60, topic: "otlp_logs", part: 0, source: "xuzhou", messages: 10, reason: "" };
    await stand.store.insertRows("ingest_accounting", [{ ...row, first_off: "105", last_off: "114", accepted: 50, stored: 43, missing: 7 }]);
    expect((await get("accounting?hours=1")).json()).toMatchObject({
      verdict: "missing",
      accounts: [{ source: "xuzhou", signal: "logs", missing: 7 }, {}, {}, {}],
      faults: [{ signal: "logs", partition: 0, kind: "gap", lastOffset: 99, firstOffset: 105 }],
    });
    expect((await get("accounting?hours=0")).statusCode).toBe(400);
  });
});

it("tells metrics by their series, and the labels of one", async () => {
  const list = (await get("cardinality")).json<{ metrics: { metric: string; series: number }[]; guarded: unknown[]; labels?: unknown }>();
  expect(list.metrics[0]).toMatchObject({ metric: "system.cpu.utilization", series: expect.any(Number) });
  expect([list.labels, list.guarded.length]).toEqual([undefined, 1]);
  const { labels } = (await get("cardinality?metric=system.cpu.utilization")).json<{ labels: { labels: { label: string }[] } }>();
  expect(labels).toMatchObject({ metric: "system.cpu.utilization", sampledOneIn: 1 });
  expect(labels.labels.map(({ label }) => label)).toContain("(resource)");
  expect((await get("cardinality?day=2001-01-01")).json()).toMatchObject({ metrics: [], guarded: [] });
  expect((await get("cardinality?day=yesterday")).statusCode).toBe(400);
});

it("tells senders' clocks and quotas", async () => {
  expect((await get("senders")).json()).toMatchObject({
    clocks: [{ source: "suzhou", verdict: "ahead", skewSeconds: 252 }, {}, {}],
    quotas: [{ source: "suzhou", itemsPerSecond: 20_000, bytesPerSecond: null, rejected: [{ reason: "new_series", requests: 12 }] }],
  });
});

it("tells what is stored, what would go first, and what has gone", async () => {
  expect((await get("retention")).json()).toMatchObject({
    disks: [{ name: "default", freeBytes: 9e9, beginBytes: 5e9 }],
    tables: [{ table: "logs", retention: "short", oldestDay: "2026-11-20" }],
    next: [{ table: "logs", step: "logs of class short" }],
    dropped: [{ table: "spans", at: expect.stringMatching(/Z$/), reason: "disk default has 1 of 9 bytes free" }],
  });
});

describe("dead letters", () => {
  it("are listed, shown and replayed by who may", async () => {
    expect((await get("dead-letters")).json()).toMatchObject({ letters: [{ id: "otlp_metrics:1:42", source: "suzhou", bytes: 80 }] });
    expect((await get("dead-letters/otlp_metrics%3A1%3A42")).json()).toMatchObject({ problem: expect.stringContaining("byte 17"), faultByte: 17 });
    expect((await replay("otlp_metrics:1:42", {})).json()).toEqual({ did: "published", rows: 0 });
    expect((await replay("otlp_metrics:1:43", {})).statusCode).toBe(404);
    expect((await replay("otlp_metrics:1:42", { again: "perhaps" })).statusCode).toBe(400);
  });

  it("are nobody else's business", async () => {
    expect((await replay("otlp_metrics:1:42", {}, manager)).statusCode).toBe(403);
    for (const path of ["dead-letters", "accounting", "cardinality", "senders", "retention"]) expect((await get(path, manager)).statusCode, path).toBe(403);
    expect((await stand.app.inject({ url: "/api/v1/ingest/accounting" })).statusCode).toBe(401);
  });
});

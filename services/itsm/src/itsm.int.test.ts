import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Bus, decodeJson, encodeJson, openEmbeddedBus } from "@yunwei/bus";
import { CHANGE_TOPIC, INCIDENT_TOPIC, IncidentMessage, RCA_REPORT_TOPIC, TOPICS } from "@yunwei/schemas";
import { answerErrors, contentId, createLogger, guardRoutes } from "@yunwei/service-kit";
import { type EmbeddedState, migrate, openEmbeddedState } from "@yunwei/state";
import fastify, { type FastifyInstance } from "fastify";
import { Value } from "typebox/value";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Incident } from "./incident/incident.ts";
import { applyEntry } from "./incident/incident-fold.ts";
import { readLog } from "./incident/incident-store.ts";
import { lockReport, undeterminedReport } from "./incident/report.fixture.ts";
import { createItsm, type Itsm } from "./itsm.ts";

const logger = createLogger("itsm", "silent");
const MINUTE_MS = 60_000;

let base: string;
let state: EmbeddedState;
let bus: Bus;
let itsm: Itsm;
let app: FastifyInstance;
let clockMs: number;
let group = 0;
const seen: IncidentMessage[] = [];
const changesSeen: unknown[] = [];

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "yunwei-itsm-"));
  state = await openEmbeddedState({ folder: join(base, "pg"), logger });
  await migrate(state, resolve(import.meta.dirname, "../../../schemas/postgres"));
  bus = await openEmbeddedBus({ folder: join(base, "bus") });
  await bus.ensureTopics(TOPICS);
  await bus.subscribe({ topic: INCIDENT_TOPIC, groupId: "test" }, async (batch) => {
    for (const message of batch) seen.push(decodeJson(message.value) as IncidentMessage);
  });
  await bus.subscribe({ topic: CHANGE_TOPIC, groupId: "test" }, async (batch) => {
    for (const message of batch) changesSeen.push(decodeJson(message.value));
  });
});
afterAll(async () => {
  await bus.close();
  await state.close();
  await rm(base, { recursive: true, force: true });
});

beforeEach(async () => {
  clockMs = Date.now();
  seen.length = 0;
  changesSeen.length = 0;
  group++;
  itsm = await createItsm({ state, bus, logger, nowMs: () => clockMs });
  app = fastify();
  guardRoutes(app, async (request) => {
    const name = request.headers.authorization;
    return name === undefined ? undefined : { name, role: name === "boss" ? "manager" : "operator" };
  });
  answerErrors(app);
  await app.register(itsm.routes);
});
afterEach(async () => {
  await app.close();
  await itsm.close();
});

const groupId = () => `group-${group}`;
const incidentId = () => contentId("incident", groupId());
const report = (changes: Parameters<typeof lockReport>[0] = {}) => lockReport({ groupId: groupId(), ...changes });
const publish = (...reports: unknown[]) =>
  bus.publish(
    RCA_REPORT_TOPIC,
    reports.map((value) => ({ key: groupId(), value: encodeJson(value) })),
  );
const names = () => seen.filter((message) => message.incidentId === incidentId()).map((message) => message.event);
const untilSeen = (...want: string[]) => expect.poll(names, { timeout: 10_000 }).toEqual(want);
async function call(method: "GET" | "POST", path: string, payload?: object, who: string | undefined = "wang") {
  const response = await app.inject({
    method,
    url: `/api/v1${path}`,
    ...(payload === undefined ? {} : { payload }),
    headers: who === undefined ? {} : { authorization: who },
  });
  return { status: response.statusCode, body: response.json() };
}
const act = (event: string, payload: object = {}) => call("POST", `/incidents/${incidentId()}/${event}`, payload);

describe("reports of causes", () => {
  it("open one incident, once, with its cause, and tell of each event once", async () => {
    await publish(report(), report());
    await untilSeen("created", "cause_named");
    for (const message of seen) expect([...Value.Errors(IncidentMessage, message)]).toEqual([]);
    expect(seen.map((message) => message.messageId)).toEqual([1, 2].map((seq) => contentId("incident", incidentId(), seq)));
    expect(seen[1]!.incident).toMatchObject({
      state: "new",
      priority: "P3",
      title: { zh: "苏州 数据库 order-db：锁争用" },
      alertCount: 42,
      report: { revision: 1 },
    });
    await publish(report());
    await publish(report({ revision: 2, alertCount: 43 }));
    await untilSeen("created", "cause_named", "alerts_changed");
  });

  it("follow a fault from unknown to known, to restored, to broken again", async () => {
    await publish(
      undeterminedReport({ groupId: groupId() }),
      report({ revision: 2 }),
      report({ revision: 3, groupState: "resolved" }),
      report({ revision: 4 }),
    );
    await untilSeen("created", "cause_named", "alerts_resolved", "mitigated", "regressed");
    expect(seen.map((message) => message.to)).toEqual(["new", "new", "new", "mitigated", "new"]);
    expect(seen.at(-1)!.incident.acknowledgedAt).toBeUndefined();
  });

  it("open a new incident, linked to the old one, when a closed one comes back", async () => {
    await publish(report(), report({ revision: 2, groupState: "resolved" }));
    await untilSeen("created", "cause_named", "alerts_resolved", "mitigated");
    await act("resolve", { resolutionCode: "fixed", causeCategory: "software", rootCause: "database:order-db" });
    await act("close");
    await publish(report({ revision: 3 }));
    await expect.poll(() => seen.filter((message) => message.event === "created").length).toBe(2);
    expect(seen.find((message) => message.event === "created" && message.incidentId !== incidentId())!.fields).toMatchObject({ recurrenceOf: incidentId() });
  });

  it("are passed over when they are no reports, and do not hold up the next", async () => {
    await bus.publish(RCA_REPORT_TOPIC, [{ key: "x", value: new TextEncoder().encode("not json") }]);
    await publish({ groupId: groupId(), revision: "one" }, report());
    await untilSeen("created", "cause_named");
  });

  it("give numbers without gaps, also beside failures", async () => {
    await publish(
      report(),
      { ...report(), groupId: `${groupId()}-b` },
      { ...report(), groupId: `${groupId()}-c`, severity: "info" },
      { ...report(), groupId: `${groupId()}-d` },
    );
    await expect.poll(() => seen.filter((message) => message.event === "created").length).toBe(3);
    const rows = await state.query<{ number: string }>("SELECT number FROM incident ORDER BY number");
    expect(rows.map((row) => row.number)).toEqual(rows.map((_, index) => `INC-${String(index + 1).padStart(6, "0")}`));
  });
});

describe("the event log", () => {
  it("folds to the stored incident", async () => {
    await publish(report(), report({ revision: 2, severity: "critical", alertCount: 50 }));
    await untilSeen("created", "cause_named", "alerts_changed");
    await act("assign", { assigneeGroup: "dba" });
    await act("acknowledge", { note: "on it" });
    await act("wait", { reason: "user", resumeAt: "2026-06-18T08:00:00Z" });
    await act("resume");
    await act("mitigate", { workaround: "killed the session" });
    await act("resolve", { resolutionCode: "fixed", causeCategory: "software", rootCause: "unknown", excuse: "old alert" });
    await act("reopen", { reason: "again" });
    const log = await readLog(state, incidentId());
    const folded = log.reduce<Incident | undefined>((incident, entry) => applyEntry(incident, entry), undefined);
    const [row] = await state.query<{ record: Incident }>("SELECT record FROM incident WHERE incident_id = $1", [incidentId()]);
    expect(JSON.parse(JSON.stringify(folded))).toEqual(row!.record);
    expect(log.map((entry) => entry.seq)).toEqual(log.map((_, index) => index + 1));
  });

  it.each(["UPDATE incident_event SET actor = 'nobody'", "DELETE FROM incident_event", "TRUNCATE incident_event"])("refuses %s", async (sql) => {
    await publish(report());
    await untilSeen("created", "cause_named");
    await expect(state.query(sql)).rejects.toMatchObject({ code: "YUNWEI_ENGINE_FAILED", message: expect.stringContaining("keeps history") });
  });
});

describe("clocks", () => {
  it("warn and breach once each, also across a restart", async () => {
    await publish(report());
    await untilSeen("created", "cause_named");
    clockMs += 90 * MINUTE_MS; // 75 % of the two hours of P3
    await untilSeen("created", "cause_named", "respond_warned");
    await itsm.close();
    itsm = await createItsm({ state, bus, logger, nowMs: () => clockMs });
    clockMs += 40 * MINUTE_MS;
    await untilSeen("created", "cause_named", "respond_warned", "respond_breached");
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(names()).toEqual(["created", "cause_named", "respond_warned", "respond_breached"]);
    expect(seen.at(-1)!.incident.respond).toMatchObject({ breached: true, state: "running" });
  });
});

describe("HTTP", () => {
  beforeEach(async () => {
    await publish(report());
    await untilSeen("created", "cause_named");
  });

  it("shows an incident with its clocks, report and next moves", async () => {
    clockMs += 10 * MINUTE_MS;
    const { status, body } = await call("GET", `/incidents/${incidentId()}`);
    expect(status).toBe(200);
    expect(body.incident).toMatchObject({
      state: "new",
      respond: { elapsedMs: 10 * MINUTE_MS, state: "running" },
      report: { causes: [{ mode: "lock_contention" }] },
    });
    expect(body.moves).toEqual(["assign", "acknowledge", "merge", "cancel", "declare_major"]);
  });

  it("records who did what", async () => {
    expect((await act("acknowledge")).body.incident).toMatchObject({ state: "in_progress", assignee: "wang", respond: { state: "stopped" } });
    const { body } = await call("GET", `/incidents/${incidentId()}/events`);
    expect(body.events.at(-1)).toMatchObject({ seq: 3, event: "acknowledged", from: "new", to: "in_progress", actor: "wang", fields: { assignee: "wang" } });
    await untilSeen("created", "cause_named", "acknowledged");
  });

  it("refuses what the life cycle refuses, and says what is possible", async () => {
    const { status, body } = await act("close");
    expect(status).toBe(409);
    expect(body).toMatchObject({ code: "YUNWEI_INCIDENT_MOVE", message: expect.stringContaining("Possible now: assign, acknowledge") });
    expect(await act("cancel")).toMatchObject({ status: 400, body: { code: "YUNWEI_INCIDENT_FIELDS", message: expect.stringContaining("reason") } });
    expect(await act("cancel", { reason: "boredom" })).toMatchObject({ status: 400, body: { code: "YUNWEI_BODY_INVALID" } });
    expect(await act("merge", { parentId: incidentId() })).toMatchObject({ status: 400, body: { code: "YUNWEI_INCIDENT_FIELDS" } });
    expect(await call("GET", "/incidents/none")).toMatchObject({ status: 404, body: { code: "YUNWEI_NOT_FOUND" } });
  });

  it("is closed to strangers, and to roles that may only read", async () => {
    expect((await app.inject({ url: "/api/v1/incidents" })).statusCode).toBe(401);
    expect(await call("GET", "/incidents", undefined, "boss")).toMatchObject({ status: 200 });
    expect(await call("POST", `/incidents/${incidentId()}/acknowledge`, {}, "boss")).toMatchObject({ status: 403 });
  });

  it("lets one of two acknowledge at the same moment", async () => {
    const answers = await Promise.all([
      call("POST", `/incidents/${incidentId()}/acknowledge`, {}, "li"),
      call("POST", `/incidents/${incidentId()}/acknowledge`, {}, "zhao"),
    ]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409]);
  });

  it("merges into an open parent, and lists by page, newest first", async () => {
    await publish({ ...report(), groupId: `${groupId()}-parent` });
    const parentId = contentId("incident", `${groupId()}-parent`);
    await expect.poll(() => seen.some((message) => message.incidentId === parentId)).toBe(true);
    expect((await act("merge", { parentId })).body.incident.state).toBe("merged");
    const collect = async (query: string) => {
      const ids: string[] = [];
      for (let cursor: string | undefined = ""; cursor !== undefined; ) {
        const { body } = await call("GET", `/incidents?limit=2&${query}${cursor === "" ? "" : `&cursor=${cursor}`}`);
        ids.push(...body.incidents.map((incident: { incidentId: string }) => incident.incidentId));
        cursor = body.nextCursor;
      }
      return ids;
    };
    const [all, open] = [await collect("state=all"), await collect("state=open")];
    expect(new Set(all).size).toBe(all.length);
    expect(all).toContain(incidentId());
    expect(open).not.toContain(incidentId());
    expect(open).toContain(parentId);
    expect(await call("GET", "/incidents?cursor=%27%3B--")).toMatchObject({ status: 400 });
    expect(await call("GET", "/incidents?limit=100000")).toMatchObject({ status: 400 });
  });
});

describe("changes", () => {
  const deploy = { kind: "deploy", title: "order 2.4.1", entities: ["service:order"], startedUnixNano: "1781762000000000000", labels: { version: "2.4.1" } };

  it("are kept and published once, however often they are reported", async () => {
    const first = await call("POST", "/changes", deploy);
    expect(first).toMatchObject({ status: 200, body: { change: { actor: "wang", title: "order 2.4.1" } } });
    expect(await call("POST", "/changes", deploy)).toEqual(first);
    const { changeId } = first.body.change;
    await expect.poll(() => changesSeen).toEqual([{ ...deploy, changeId, actor: "wang" }]);
    const ended = { ...deploy, changeId, endedUnixNano: "1781762100000000000" };
    await call("POST", "/changes", ended);
    await expect.poll(() => changesSeen.length).toBe(2);
    expect((await call("GET", "/changes")).body.changes).toEqual([{ ...ended, actor: "wang" }]);
  });

  it.each([
    { case: "no entity", body: { ...deploy, entities: [] } },
    { case: "an unknown kind", body: { ...deploy, kind: "magic" } },
    { case: "an end before the start", body: { ...deploy, endedUnixNano: "1" } },
    { case: "an id that is none", body: { ...deploy, changeId: "a b;--" } },
    { case: "a title without end", body: { ...deploy, title: "x".repeat(301) } },
  ])("are refused with $case", async ({ body }) => {
    expect(await call("POST", "/changes", body)).toMatchObject({ status: 400, body: { code: "YUNWEI_BODY_INVALID" } });
  });
});

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Bus, encodeJson, openEmbeddedBus } from "@yunwei/bus";
import { INCIDENT_TOPIC, type IncidentMessage, TOPICS } from "@yunwei/schemas";
import { answerErrors, createLogger, guardRoutes } from "@yunwei/service-kit";
import { type EmbeddedState, migrate, openEmbeddedState } from "@yunwei/state";
import fastify, { type FastifyInstance } from "fastify";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createNotify, type Notify } from "./notify.ts";
import { incidentMessage, REPORT } from "./text/incident-message.fixture.ts";

const logger = createLogger("notify", "silent");
const AT_MS = Date.parse("2026-06-18T06:04:00.000Z");
const SECRET = "0123456789abcdef";
const WITH_HOOK = (url: string) => `channels:
  - { name: console, type: file, language: zh }
  - { name: hook, type: webhook, url: "${url}", secret: ${SECRET}, timeoutMs: 1000 }
routes:
  - channels: [console]
  - channels: [hook]
    when: { priority: [P1, P2] }
`;

let base: string;
let state: EmbeddedState;
let bus: Bus;
let hook: Server;
let hookUrl: string;
let hookStatus = 200;
let hooked: { key: string; body: { kind: string; notificationId: string; incident: { number: string } } }[] = [];
let dataFolder: string;
let clockMs: number;
let notify: Notify;
let app: FastifyInstance;
let run = 0;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "yunwei-notify-"));
  state = await openEmbeddedState({ folder: join(base, "pg"), logger });
  await migrate(state, resolve(import.meta.dirname, "../../../schemas/postgres"));
  bus = await openEmbeddedBus({ folder: join(base, "bus") });
  await bus.ensureTopics(TOPICS);
  hook = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => {
      hooked.push({ key: String(request.headers["idempotency-key"]), body: JSON.parse(body) });
      response.writeHead(hookStatus).end();
    });
  });
  await new Promise<void>((done) => hook.listen(0, "127.0.0.1", done));
  hookUrl = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`;
});
afterAll(async () => {
  hook.closeAllConnections();
  hook.close();
  await bus.close();
  await state.close();
  await rm(base, { recursive: true, force: true });
});

async function start(): Promise<void> {
  notify = await createNotify({ state, bus, logger, nowMs: () => clockMs, dataFolder, baseUrl: () => "http://console:8080" });
}
beforeEach(async () => {
  run++;
  clockMs = AT_MS;
  hooked = [];
  hookStatus = 200;
  dataFolder = await mkdtemp(join(base, "data-"));
});
afterEach(async () => {
  await notify.close();
  await app?.close();
});

const undetermined = { ...REPORT, verdict: "undetermined" as const, causes: [] };
const incidentId = () => String(run).padStart(32, "0");
const entry = (seq: number, event: string, report = REPORT, message: Partial<IncidentMessage> = {}, incident = {}) =>
  incidentMessage({ seq, event, incidentId: incidentId(), ...message }, { incidentId: incidentId(), number: `INC-${run}`, report, ...incident });
const publish = (...messages: object[]) =>
  bus.publish(
    INCIDENT_TOPIC,
    messages.map((message) => ({ key: incidentId(), value: encodeJson(message) })),
  );
const rows = async () => {
  const found = await state.query("SELECT kind, channel, state, reason FROM notification WHERE incident_id = $1 ORDER BY seq, channel", [incidentId()]);
  return found.map((row) => `${row["kind"]} ${row["channel"]} ${row["state"]}${row["reason"] === "" ? "" : ` (${row["reason"]})`}`);
};
const until = (...want: string[]) => expect.poll(rows, { timeout: 15_000 }).toEqual(want);
const log = () => readFile(join(dataFolder, "notifications.log"), "utf8").catch(() => "");

describe("the first message", () => {
  it("goes out at once with its cause, in both languages, and only once however often it is told", async () => {
    await start();
    await publish(entry(1, "created"), entry(2, "cause_named"), entry(1, "created"), entry(2, "cause_named"));
    await until("created console sent", "cause console skipped (told in the first message)");
    const text = await log();
    expect(text.match(/^--- /gm)).toHaveLength(1);
    expect(text).toContain("【P2 故障】苏州 数据库 order-db：锁争用");
    expect(text).toContain("Probable cause: database order-db lock contention (87%)");
    expect(text).toContain(`http://console:8080/incidents/${incidentId()}?from=`);
  });

  it("waits for the cause, and carries it when it comes in time", async () => {
    await start();
    await publish(entry(1, "created", undetermined));
    await until("created console pending (held for the cause)");
    clockMs += 12_000;
    await publish(entry(2, "cause_named"));
    await until("created console sent", "cause console skipped (told in the first message)");
    expect(await log()).toContain("疑似根因：数据库 order-db 锁争用（87%）");
  });

  it("goes without a cause after 20 s, and the cause follows when it is found", async () => {
    await start();
    await publish(entry(1, "created", undetermined));
    clockMs += 19_000;
    await new Promise((done) => setTimeout(done, 1300));
    await until("created console pending (held for the cause)");
    clockMs += 1000;
    await until("created console sent");
    expect(await log()).toContain("根因未定");
    await publish(entry(2, "cause_named"), entry(3, "cause_changed", { ...REPORT, revision: 9 }));
    await until("created console sent", "cause console sent", "cause console skipped (this cause was told before)");
    expect(await log()).toContain("【P2 根因更新】");
  });

  it("comes before what happens meanwhile", async () => {
    await start();
    await publish(
      entry(1, "created", undetermined),
      entry(2, "acknowledged", undetermined),
      entry(3, "mitigated", undetermined, { from: "in_progress", to: "mitigated" }, { restoredAt: "2026-06-18T06:04:09.000Z" }),
    );
    await until("created console sent", "restored console sent");
    const text = await log();
    expect(text.indexOf(" created ")).toBeLessThan(text.indexOf(" restored "));
  });
});

describe("the webhook", () => {
  beforeEach(async () => {
    await writeFile(join(dataFolder, "channels.yaml"), WITH_HOOK(hookUrl));
  });

  it("gets what its route says, and nothing else", async () => {
    await start();
    await publish(entry(1, "created"), entry(2, "major_declared", REPORT, {}, { priority: "P3" }));
    await until("created console sent", "created hook sent", "major console sent");
    expect(hooked.map(({ body }) => body.kind)).toEqual(["created"]);
  });

  it("is tried again with the same key and text, and nothing overtakes", async () => {
    hookStatus = 503;
    await start();
    await publish(entry(1, "created"), entry(2, "respond_breached"));
    await expect.poll(() => hooked.length).toBe(1);
    hookStatus = 200;
    clockMs += 8000;
    await until("created console sent", "created hook sent", "breached console sent", "breached hook sent");
    expect(hooked.map(({ body }) => body.kind)).toEqual(["created", "created", "breached"]);
    expect(hooked[0]).toEqual(hooked[1]);
    expect(hooked[0]!.key).toBe(hooked[0]!.body.notificationId);
  });

  it("becomes a dead letter after six tries, and holds up no other channel", async () => {
    hookStatus = 500;
    await start();
    await publish(entry(1, "created"));
    await expect
      .poll(
        async () => {
          clockMs += 130_000;
          return (await rows()).join();
        },
        { timeout: 30_000, interval: 300 },
      )
      .toBe("created console sent,created hook dead (hook answered with status 500.)");
    expect(hooked).toHaveLength(6);
    app = fastify();
    guardRoutes(app, async () => ({ name: "wang", role: "operator" }));
    answerErrors(app);
    await app.register(notify.routes);
    const { notifications } = (await app.inject({ url: `/api/v1/notifications?incidentId=${incidentId()}` })).json();
    expect(notifications).toMatchObject([
      { channel: "console", state: "sent", attempts: [{}], text: { zh: expect.stringContaining("【P2 故障】") } },
      { channel: "hook", state: "dead", tries: 6, reason: "hook answered with status 500." },
    ]);
    expect(notifications[1].attempts).toHaveLength(6);
    expect(notifications[1].attempts[0].error).toBe("hook answered with status 500.");
  });

  it("sends again after a crash in the middle of a sending, and what was not begun", async () => {
    await start();
    await publish(entry(1, "created"));
    await until("created console sent", "created hook sent");
    // As a crash between the sending and its record leaves it.
    await state.query("UPDATE notification SET state = 'pending', sent_at = NULL, not_before = $2, message = $3 WHERE incident_id = $1 AND channel = 'hook'", [
      incidentId(),
      new Date(clockMs + 90_000),
      JSON.stringify(entry(1, "created")),
    ]);
    await notify.close();
    await start();
    await publish(entry(1, "created"));
    clockMs += 91_000;
    await until("created console sent", "created hook sent");
    expect(hooked).toHaveLength(2);
    expect(hooked[0]!.key).toBe(hooked[1]!.key);
  });
});

describe("channels.yaml", () => {
  it("keeps the last good configuration in force when it breaks, also across a restart", async () => {
    await writeFile(join(dataFolder, "channels.yaml"), WITH_HOOK(hookUrl));
    await start();
    await writeFile(join(dataFolder, "channels.yaml"), "channels: [");
    await notify.close();
    await start();
    await publish(entry(1, "created"));
    await until("created console sent", "created hook sent");
  });

  it("says why nobody was told, and gives up what waits for a channel that is gone", async () => {
    hookStatus = 500;
    await writeFile(
      join(dataFolder, "channels.yaml"),
      `channels: [{ name: hook, type: webhook, url: "${hookUrl}", secret: ${SECRET} }]\nroutes: [{ channels: [hook], when: { kind: [created] } }]\n`,
    );
    await start();
    await publish(entry(1, "created"), entry(2, "major_declared"));
    await expect.poll(async () => (await rows())[1]).toBe("major  skipped (no route leads to a channel)");
    await writeFile(join(dataFolder, "channels.yaml"), "channels: [{ name: console, type: file }]\nroutes: [{ channels: [console] }]\n");
    await expect
      .poll(
        async () => {
          clockMs += 130_000;
          return (await rows())[0];
        },
        { timeout: 15_000, interval: 500 },
      )
      .toBe("created hook dead (the channel is no longer configured)");
  });

  it("passes over messages that are none", async () => {
    await start();
    await publish({ hello: "world" });
    await bus.publish(INCIDENT_TOPIC, [{ key: "x", value: new Uint8Array([0xff, 0xfe]) }]);
    await publish(entry(1, "created"));
    await until("created console sent");
  });
});

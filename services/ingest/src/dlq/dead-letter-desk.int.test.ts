import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DecodedBySignal, RequestReader, type StreamIdentity } from "@yunwei/otlp";
import type { Signal } from "@yunwei/schemas";
import { createLogger, YunweiError } from "@yunwei/service-kit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { unsteadyBus } from "../log-door/unsteady-bus.test-data.ts";
import { countOf, gauge, nowNano, post, proto } from "../otlp-request.test-data.ts";
import { RetentionBook } from "../retention/retention-book.ts";
import { type RunningIngest, runIngest } from "../running-ingest.test-data.ts";
import { DeadLetterDesk } from "./dead-letter-desk.ts";
import { LetterBox } from "./letter-box.ts";

/** A decoder with a fault that is mended later. */
class FaultyReader extends RequestReader {
  faulty = true;

  override async read<S extends Signal>(
    signal: S,
    value: Uint8Array,
    contentEncoding: string | undefined,
    identity: StreamIdentity,
  ): Promise<DecodedBySignal[S]> {
    if (this.faulty && Buffer.from(value).includes("poison.decode")) throw new YunweiError("YUNWEI_OTLP_INVALID", "a fault of ours at byte 12");
    return super.read(signal, value, contentEncoding, identity);
  }
}

const reader = new FaultyReader(1);
let running: RunningIngest;
let folder: string;
let desk: DeadLetterDesk;
let retention: RetentionBook;
const logger = createLogger("ingest", "silent");
const openDesk = () => DeadLetterDesk.open({ bus: running.bus, store: running.store, retention, folder, logger, nowMs: Date.now });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "yunwei dead letters "));
  running = await runIngest({ reader });
  retention = await RetentionBook.open({ store: running.store, path: join(folder, "retention.yaml"), logger, nowMs: Date.now });
  desk = await openDesk();
});
afterAll(async () => {
  await desk.close();
  await retention.close();
  await running.close();
  await rm(folder, { recursive: true, force: true });
});

const letters = (topic = "") => desk.list({ topic, sinceMs: 0, limit: 10 });
const send = async (metric: string, ...values: number[]) => {
  const points = values.map((value, i) => ({ timeUnixNano: nowNano(-1000 * i), asDouble: value }));
  const body = proto("metrics", gauge(metric, points));
  expect((await post(running, "/v1/metrics", body)).status).toBe(200);
  await running.stored();
};

it("sends a message that could not be decoded to its topic again, once; a restart remembers", async () => {
  await send("poison.decode", 1);
  await expect.poll(() => letters().length).toBe(1);
  const [head] = letters();
  const id = `${head!.topic}:${head!.partition}:${head!.offset}`;
  expect(head).toMatchObject({ topic: "otlp_metrics", failures: [{ stage: "decode", error: "a fault of ours at byte 12" }], replays: [] });
  expect((await desk.show(id)).description).toMatchObject({ problem: undefined });

  reader.faulty = false;
  expect(await desk.replay(id, { again: false, by: "wang" })).toEqual({ did: "published", rows: 0 });
  await expect.poll(() => countOf(running, "metric_points", "metric = 'poison.decode'"), { timeout: 20_000 }).toBe(1);
  await expect(desk.replay(id, { again: false, by: "li" })).rejects.toMatchObject({ code: "YUNWEI_CONFLICT", message: expect.stringContaining("wang") });
  await desk.close();
  desk = await openDesk();
  expect(letters()).toMatchObject([{ replays: [{ by: "wang", state: "done" }] }]);
  await expect(desk.replay(id, { again: false, by: "li" })).rejects.toMatchObject({ code: "YUNWEI_CONFLICT" });
  await expect(desk.replay("otlp_metrics:0:999999", { again: false, by: "li" })).rejects.toMatchObject({ code: "YUNWEI_NOT_FOUND" });
  expect(await countOf(running, "metric_points", "metric = 'poison.decode'")).toBe(1);
});

it("stores what a table refused in that table only: roll-ups count it once", async () => {
  await running.store.command("ALTER TABLE metric_points ADD CONSTRAINT no_negative CHECK value >= 0");
  await send("poison.insert", -5, 7);
  await expect.poll(() => letters().length).toBe(2);
  const head = letters().find(({ failures }) => failures[0]!.stage === "insert metric_points")!;
  const id = `${head.topic}:${head.partition}:${head.offset}`;
  await expect(desk.replay(id, { again: false, by: "wang" })).rejects.toMatchObject({ code: "YUNWEI_STORE_REFUSED" });
  expect(await countOf(running, "metric_points", "metric = 'poison.insert'")).toBe(0);

  await running.store.command("ALTER TABLE metric_points DROP CONSTRAINT no_negative");
  // A refusal is no replay: nobody has to ask again.
  const outcomes = await Promise.allSettled([desk.replay(id, { again: false, by: "wang" }), desk.replay(id, { again: false, by: "li" })]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  expect(outcomes[0]).toMatchObject({ value: { did: "stored", rows: 2 } });
  expect(await countOf(running, "metric_points", "metric = 'poison.insert'")).toBe(2);
  const [rollup] = await running.store.query("SELECT toString(sum(n)) AS n, sum(s) AS s FROM metric_5m WHERE metric = 'poison.insert'");
  expect(rollup).toEqual({ n: "2", s: 2 });
  expect(await running.store.query("SELECT labels FROM metric_series WHERE metric = 'poison.insert'")).toHaveLength(1);
});

it("keeps a refused log for as long as its class says", async () => {
  await running.store.command("ALTER TABLE logs ADD CONSTRAINT no_poison CHECK body != 'poison'");
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "login-audit" } }] };
  const scopeLogs = [{ logRecords: [{ timeUnixNano: nowNano(), body: { stringValue: "poison" } }] }];
  expect((await post(running, "/v1/logs", proto("logs", { resourceLogs: [{ resource, scopeLogs }] }))).status).toBe(200);
  await running.stored();
  await expect.poll(() => letters("otlp_logs").length).toBe(1);
  const [head] = letters("otlp_logs");
  await running.store.command("ALTER TABLE logs DROP CONSTRAINT no_poison");
  expect(await desk.replay(`${head!.topic}:${head!.partition}:${head!.offset}`, { again: false, by: "wang" })).toEqual({ did: "stored", rows: 1 });
  expect(await running.store.query("SELECT toString(ret) AS ret FROM logs WHERE service = 'login-audit'")).toEqual([{ ret: "mlps" }]);
});

it("does not replay again what may have been done when the bus did not answer, nor after a kill in the middle", async () => {
  const unsteady = unsteadyBus(running.bus);
  const own = await mkdtemp(join(tmpdir(), "yunwei dead letters "));
  const options = { bus: unsteady.bus, store: running.store, retention, folder: own, logger, nowMs: Date.now };
  await desk.close(); // one of the group at a time
  const value = Buffer.from("no OTLP");
  const box = await LetterBox.open({ folder: own, onTrouble: () => undefined });
  const failures = [{ stage: "decode", error: "" }];
  await box.put({ topic: "otlp_logs", partition: 0, offset: 3, key: "", headers: {}, failures, buriedMs: 1, replays: [], value });
  await writeFile(join(own, "otlp_logs", "0-4.letter"), "half a letter");
  let again = await DeadLetterDesk.open(options);
  unsteady.isAway = true;
  await expect(again.replay("otlp_logs:0:3", { again: false, by: "wang" })).rejects.toMatchObject({ code: "YUNWEI_BUS_UNAVAILABLE" });
  await again.close();
  again = await DeadLetterDesk.open(options);
  unsteady.isAway = false;
  await expect(again.replay("otlp_logs:0:3", { again: false, by: "wang" })).rejects.toMatchObject({
    code: "YUNWEI_CONFLICT",
    message: expect.stringContaining("not known"),
  });
  expect(await again.replay("otlp_logs:0:3", { again: true, by: "wang" })).toEqual({ did: "published", rows: 0 });
  // It cannot be decoded still: it is a letter again, at its new place, and says that it was replayed.
  await expect
    .poll(() => again.list({ topic: "otlp_logs", sinceMs: 2, limit: 9 }), { timeout: 20_000 })
    .toMatchObject([{ headers: { "yunwei.replayed": "1" }, replays: [] }]);
  await again.close();
  desk = await openDesk();
  await rm(own, { recursive: true, force: true });
});

it("keeps the newest letters where there are too many", async () => {
  const own = await mkdtemp(join(tmpdir(), "yunwei dead letters "));
  const options = { folder: own, maxLetters: 3, onTrouble: () => undefined };
  const box = await LetterBox.open(options);
  for (let offset = 0; offset < 6; offset++)
    await box.put({ topic: "otlp_logs", partition: 0, offset, key: "", headers: {}, failures: [], buriedMs: offset, replays: [], value: Buffer.alloc(10) });
  const offsets = (one: LetterBox) => one.list().map(({ offset }) => offset);
  expect([offsets(box), offsets(await LetterBox.open(options))]).toEqual([
    [5, 4, 3],
    [5, 4, 3],
  ]);
  await rm(own, { recursive: true, force: true });
});

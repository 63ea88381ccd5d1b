import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DeliveredMessage } from "@yunwei/bus";
import { migrateStore, openEmbeddedStore, type Store } from "@yunwei/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BatchPlan } from "./batch-plan.ts";

const BEFORE_MIDNIGHT_MS = Date.UTC(2026, 10, 26, 23, 59, 59);
let folder: string;
let store: Store;
let topics = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "yunwei-plan-"));
  store = await openEmbeddedStore({ folder });
  await migrateStore(store, fileURLToPath(new URL("../../../../schemas/clickhouse", import.meta.url)));
  await store.command("SYSTEM STOP TTL MERGES"); // the days here are fixed, the engine's clock goes on
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const freshTopic = (): string => `plan-${topics++}`;
const writer = (topic: string, nowMs = BEFORE_MIDNIGHT_MS): BatchPlan => new BatchPlan(store, topic, () => nowMs);
const batch = (topic: string, first: number, last: number, firstMs = 1_000): DeliveredMessage[] =>
  Array.from({ length: last - first + 1 }, (_, i) => ({
    topic,
    partition: 0,
    offset: first + i,
    timestampMs: firstMs + i,
    key: "k",
    value: new Uint8Array(0),
  }));

describe("the plan of batches that several writers share", () => {
  it("gives a writer that gets a partition back the cut that another one made meanwhile and did not live to commit", async () => {
    const topic = freshTopic();
    const [a, b] = [writer(topic), writer(topic)];
    await a.note(batch(topic, 0, 9));
    a.finish(batch(topic, 0, 9));
    expect(await b.cut(0, 10)).toBeUndefined();
    await b.note(batch(topic, 10, 29));
    expect(await a.cut(0, 10)).toBe(29);
  });

  it("lets the first note of a batch win, whoever comes second and whatever the clocks say", async () => {
    const topic = freshTopic();
    const ahead = writer(topic, BEFORE_MIDNIGHT_MS + 60_000);
    const late = writer(topic, BEFORE_MIDNIGHT_MS);
    const stem = await ahead.note(batch(topic, 0, 9));
    await expect(late.note(batch(topic, 0, 19))).rejects.toMatchObject({ code: "YUNWEI_STORE_UNAVAILABLE", message: expect.stringContaining("ends at 9") });
    await expect(late.note(batch(topic, 0, 4))).rejects.toMatchObject({ code: "YUNWEI_STORE_UNAVAILABLE" });
    expect(await late.cut(0, 0)).toBe(9);
    expect(await late.note(batch(topic, 0, 9))).toBe(stem);
    expect(await store.query("SELECT count() AS n FROM ingest_cuts WHERE topic = {topic:String}", { topic })).toEqual([{ n: "1" }]);
  });

  it("lets one of two that note at the same moment win", async () => {
    const topic = freshTopic();
    const ends = [4, 5, 6, 7, 8];
    const notes = await Promise.allSettled(ends.map((end) => writer(topic).note(batch(topic, 0, end))));
    expect(notes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await writer(topic).cut(0, 0)).toBe(ends[notes.findIndex(({ status }) => status === "fulfilled")]);
  });

  it("gives every retry of a batch the clock of its first cut", async () => {
    const topic = freshTopic();
    const first = writer(topic);
    await first.note(batch(topic, 0, 3));
    const later = writer(topic, BEFORE_MIDNIGHT_MS + 5_000);
    await later.note(batch(topic, 0, 3));
    expect(first.clockMs(0)).toBe(BEFORE_MIDNIGHT_MS);
    expect(later.clockMs(0)).toBe(BEFORE_MIDNIGHT_MS);
  });

  it("takes the log of another bus, whose offsets begin again, for what it is", async () => {
    const topic = freshTopic();
    const old = await writer(topic).note(batch(topic, 0, 9, 1_000));
    const next = writer(topic);
    const fresh = await next.note(batch(topic, 0, 9, 999_000));
    expect(fresh).not.toBe(old);
  });
});

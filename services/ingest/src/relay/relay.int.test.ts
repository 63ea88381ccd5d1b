import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bus, type BusMessage, type DeliveredMessage, openKafkaBus } from "@yunwei/bus";
import { OTLP_LOGS_TOPIC as LOGS, OTLP_METRICS_TOPIC as METRICS, OTLP_SPANS_TOPIC as SPANS } from "@yunwei/schemas";
import { FaultyLink, type KafkaBroker, mountSmallDisk, startKafka } from "@yunwei/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RelaySettings } from "./relay-config.ts";
import { RELAY_HEADER } from "./relay-origin.ts";
import type { RelayStatus } from "./relay-status.ts";
import { openCity, RELAYED_TOPICS, relaySettings } from "./relaying-city.test-data.ts";

const link = await FaultyLink.open();
const kafka = await startKafka({ advertisedPort: link.port });
const skipped = "skipped" in kafka ? kafka.skipped : undefined;
const brokers = [`127.0.0.1:${link.port}`];

describe.skipIf(skipped !== undefined)(`the relay of a city${skipped === undefined ? "" : ` (${skipped})`}`, () => {
  const arrived = new Map<string, DeliveredMessage[]>();
  let core: Bus;
  let folder: string;
  let run = 0;

  beforeAll(async () => {
    link.aim((kafka as KafkaBroker).port);
    core = await openKafkaBus({ brokers, clientId: "core" });
  });
  beforeEach(async () => {
    link.heal();
    run++;
    folder = await mkdtemp(join(tmpdir(), "yunwei relay "));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  afterAll(async () => {
    link.heal();
    await core.close();
    await link.close();
    await (kafka as KafkaBroker).stop();
  });

  const open = (more: Partial<RelaySettings> = {}) => openCity(folder, relaySettings(brokers, more));
  type City = Awaited<ReturnType<typeof open>>;

  async function take(city: City, topic: string, first: number, last: number, bytes = 10): Promise<void> {
    const messages = Array.from(
      { length: last - first + 1 },
      (_, i): BusMessage => ({ key: "k", value: Buffer.from(`${run}-${first + i} `.padEnd(bytes, "x")) }),
    );
    await city.relay.intake.publish(topic, messages);
  }

  /** What the core has of this test's city, in the order in which it came. */
  const names = (topic: string): number[] => there(topic).map(({ value }) => Number(/^\d+-(\d+)/.exec(Buffer.from(value).toString())![1]));
  const there = (topic: string): DeliveredMessage[] => (arrived.get(topic) ?? []).filter(({ value }) => Buffer.from(value).toString().startsWith(`${run}-`));
  const range = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const reaches = (city: City, wanted: object): Promise<void> => expect.poll((): RelayStatus => city.relay.status(), { timeout: 40_000 }).toMatchObject(wanted);

  it("starts without the core, and waits for its topics", async () => {
    link.cut("reset");
    const city = await open();
    await take(city, LOGS, 0, 9);
    await reaches(city, { link: "down", waiting: { messages: 10 }, topics: { [LOGS]: { waiting: { messages: 10 } } } });
    link.heal();
    await core.ensureTopics(RELAYED_TOPICS);
    for (const { name } of RELAYED_TOPICS) {
      await core.subscribe({ topic: name, groupId: "check" }, async (batch) => {
        arrived.set(name, [...(arrived.get(name) ?? []), ...batch]);
      });
    }
    await reaches(city, { link: "up", waiting: { messages: 0, bytes: 0 }, sent: { messages: 10 }, secondsLeft: 0, oldestAgeSeconds: 0 });
    await expect.poll(() => names(LOGS), { timeout: 20_000 }).toEqual(range(0, 9));
    expect(there(LOGS)[3]).toMatchObject({ key: "k", headers: { [RELAY_HEADER.site]: "suzhou" } });
    await city.close();
  });

  it("asks how far it came when its own commits are lost, and sends nothing again", async () => {
    const city = await open();
    await take(city, METRICS, 0, 99);
    await reaches(city, { sent: { messages: 100 } });
    await city.close();
    await rm(join(folder, "offsets"), { recursive: true });
    const again = await open();
    await take(again, METRICS, 100, 109);
    await reaches(again, { waiting: { messages: 0 }, sent: { messages: 10 }, unproven: 0 });
    await expect.poll(() => names(METRICS), { timeout: 20_000 }).toEqual(range(0, 109));
    await again.close();
  });

  it("looks behind its last acknowledged message when no leader remembers it any more", async () => {
    const city = await open();
    await take(city, METRICS, 0, 9);
    await reaches(city, { sent: { messages: 10 } });
    await city.close();
    // As after producer.id.expiration.ms: an id that the leader does not know. And as after a kill: nothing was written down since the lane began.
    const state = join(folder, "relay.json");
    const known = JSON.parse(await readFile(state, "utf8")) as { lanes: Record<string, { producerId: string; floor: number }> };
    for (const lane of Object.values(known.lanes)) Object.assign(lane, { producerId: "123456789", floor: Math.max(0, lane.floor - 10) });
    await writeFile(state, JSON.stringify(known));
    await rm(join(folder, "offsets"), { recursive: true });
    const again = await open();
    await take(again, METRICS, 10, 12);
    await reaches(again, { waiting: { messages: 0 }, sent: { messages: 3 }, unproven: 0 });
    await expect.poll(() => names(METRICS), { timeout: 20_000 }).toEqual(range(0, 12));
    await again.close();
  });

  it("refuses by class when the backlog is at its limit, and takes in again when the link is back", async () => {
    link.cut("stall");
    const city = await open({ maxBacklogBytes: 100_000 });
    await take(city, METRICS, 0, 7, 10_000);
    await expect(take(city, SPANS, 0, 0)).rejects.toMatchObject({ code: "YUNWEI_BUS_UNAVAILABLE" });
    await take(city, LOGS, 0, 0, 10_000);
    await expect(take(city, LOGS, 1, 1)).rejects.toMatchObject({ code: "YUNWEI_BUS_UNAVAILABLE" });
    await take(city, METRICS, 8, 8, 10_000);
    await expect(take(city, METRICS, 9, 9)).rejects.toMatchObject({ code: "YUNWEI_BUS_UNAVAILABLE" });
    expect(city.relay.status().topics[METRICS]).toMatchObject({ refused: true, waiting: { messages: 9 } });
    link.cut("reset");
    link.heal();
    await reaches(city, { link: "up", waiting: { messages: 0 }, givenUp: { messages: 0 } });
    await take(city, SPANS, 0, 0);
    await expect.poll(() => [names(METRICS), names(LOGS), names(SPANS)], { timeout: 20_000 }).toEqual([range(0, 8), [0], [0]]);
    await city.close();
  });

  it("gives up the oldest of the cheapest where the operator wants that, counts it over a restart, and says so to the core", async () => {
    const settings = { maxBacklogBytes: 100_000, whenFull: "give-up" } as const;
    const city = await open(settings);
    await take(city, SPANS, 0, 0);
    await reaches(city, { sent: { messages: 1 } });
    link.cut("reset");
    for (let i = 0; i < 5; i++) await take(city, METRICS, i, i, 10_000);
    for (let i = 1; i <= 20; i++) await take(city, SPANS, i, i, 10_000);
    await expect.poll(() => city.relay.status().waiting.bytes, { timeout: 20_000 }).toBeLessThanOrEqual(100_000);
    const { givenUp } = city.relay.status();
    expect(givenUp.messages).toBeGreaterThanOrEqual(15);
    await city.close();
    const again = await open(settings);
    expect(again.relay.status().givenUp).toEqual(givenUp);
    link.heal();
    await take(again, SPANS, 21, 22);
    await reaches(again, { link: "up", waiting: { messages: 0 }, givenUp });
    const first = 1 + givenUp.messages;
    await expect.poll(() => [names(METRICS), names(SPANS)], { timeout: 20_000 }).toEqual([range(0, 4), [0, ...range(first, 22)]]);
    const [, behind] = there(SPANS);
    const [, offset] = behind!.headers![RELAY_HEADER.offset]!.split(":").map(Number);
    expect(behind!.headers![RELAY_HEADER.givenUp]).toBe(`${offset! - givenUp.messages}-${offset! - 1}`);
    await again.close();
  });

  it("keeps the order and loses nothing under a cap of bytes and messages", async () => {
    const city = await open({ maxBytesPerSecond: 400_000, maxMessagesPerSecond: 200 });
    for (let i = 0; i < 300; i += 50) {
      await take(city, LOGS, i, i + 49, 500);
      await take(city, METRICS, i, i + 49, 500);
    }
    await reaches(city, { waiting: { messages: 0 }, sent: { messages: 600 } });
    await expect.poll(() => [names(LOGS), names(METRICS)], { timeout: 20_000 }).toEqual([range(0, 299), range(0, 299)]);
    await city.close();
  });

  it("refuses new telemetry when a backlog has filled the disk down to the rest that must stay free", async ({ skip }) => {
    const disk = await mountSmallDisk(96 * 1024 * 1024);
    if (disk === undefined) return skip("no file system may be mounted here");
    link.cut("reset");
    const city = await openCity(disk.folder, relaySettings(brokers, { minFreeBytes: 60 * 1024 * 1024 }));
    let count = 0;
    const filled = (async () => {
      for (; count < 90; count++) {
        await take(city, LOGS, count, count, 1024 * 1024);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    await expect(filled).rejects.toMatchObject({ code: "YUNWEI_BUS_UNAVAILABLE" });
    expect(count).toBeGreaterThan(30);
    expect(count).toBeLessThan(70);
    await take(city, METRICS, 0, 0); // what detection lives by is still taken
    link.heal();
    await reaches(city, { waiting: { messages: 0 } });
    await take(city, LOGS, count, count);
    await expect.poll(() => names(LOGS), { timeout: 30_000 }).toEqual(range(0, count));
    await city.close();
    await disk.remove();
  });

  it("does not start on a state that it has not written", async () => {
    await writeFile(join(folder, "relay.json"), '{"log":1}');
    await expect(open()).rejects.toMatchObject({ code: "YUNWEI_DATA_FOLDER_CORRUPT" });
  });
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Bus, type DeliveredMessage, openEmbeddedBus, openKafkaBus } from "@yunwei/bus";
import { FaultyLink, type KafkaBroker, startKafka } from "@yunwei/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RELAY_HEADER } from "./relay-origin.ts";
import { CityProcess, openCity, RELAYED_TOPICS, relaySettings } from "./relaying-city.test-data.ts";

const ROUNDS = 24;
const SEED = Number(process.env["YUNWEI_TEST_SEED"] ?? 20261126);

const link = await FaultyLink.open();
const kafka = await startKafka({ advertisedPort: link.port });
const skipped = "skipped" in kafka ? kafka.skipped : undefined;
const brokers = [`127.0.0.1:${link.port}`];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "yunwei relay "));
});
afterAll(async () => {
  await link.close();
  if (!("skipped" in kafka)) await kafka.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Mulberry32: the schedule of a run can be had again by its seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Everything that the relayed topics of a bus hold, by topic and partition, in order. */
async function contents(bus: Bus): Promise<Map<string, DeliveredMessage[]>> {
  const found = new Map<string, DeliveredMessage[]>();
  const subscriptions = RELAYED_TOPICS.map(({ name: topic }) =>
    bus.subscribe({ topic, groupId: "check" }, async (batch) => {
      const key = `${topic}/${batch[0]!.partition}`;
      found.set(key, [...(found.get(key) ?? []), ...batch]);
    }),
  );
  const opened = await Promise.all(subscriptions);
  for (const one of opened) await expect.poll(() => one.lag().catch(() => -1), { timeout: 60_000, interval: 200 }).toBe(0);
  return found;
}

const names = (messages: readonly DeliveredMessage[] | undefined): string[] =>
  (messages ?? []).map(({ key, value }) => {
    const text = Buffer.from(value).toString();
    return `${key} ${text.slice(0, text.indexOf("|"))} ${text.length}`;
  });

describe.skipIf(skipped !== undefined)(`the relay of a city, seed ${SEED}${skipped === undefined ? "" : ` (${skipped})`}`, () => {
  it("brings every message to the core once and in order, though link, relay and broker break at random under load", async () => {
    const broker = kafka as KafkaBroker;
    link.aim(broker.port);
    const core = await openKafkaBus({ brokers, clientId: "core" });
    await core.ensureTopics(RELAYED_TOPICS);
    const random = randomOf(SEED);
    const faults = { reset: 0, stall: 0, relay: 0, broker: 0 };
    let taken = 0;
    let city = new CityProcess(folder, brokers, 0);
    await expect.poll(() => city.taken, { timeout: 30_000 }).toBeGreaterThan(50);
    for (let round = 1; round <= ROUNDS; round++) {
      await sleep(100 + 500 * random());
      const dice = random();
      if (round % 9 === 0) {
        faults.broker++;
        broker.kill();
        await sleep(200);
        await broker.restart();
      } else if (dice < 0.35) {
        faults.relay++;
        taken += city.taken;
        await city.kill();
        city = new CityProcess(folder, brokers, round);
        await expect.poll(() => city.taken, { timeout: 30_000 }).toBeGreaterThan(20);
      } else if (dice < 0.75) {
        // Short ones hit requests under way, again and again.
        for (let i = 0; i < 5; i++) {
          faults.reset++;
          link.cut("reset");
          await sleep(random() < 0.8 ? 5 : 400);
          link.heal();
          await sleep(20 + 200 * random());
        }
      } else {
        faults.stall++;
        link.cut("stall");
        await sleep(100 + 900 * random());
        if (random() < 0.5) link.cut("reset");
        await sleep(100 * random());
        link.heal();
      }
    }
    await city.kill();
    taken += city.taken;

    const last = await openCity(folder, relaySettings(brokers));
    await expect.poll(() => last.relay.status().waiting.messages, { timeout: 60_000 }).toBe(0);
    expect(last.relay.status()).toMatchObject({ link: "up", unproven: 0, givenUp: { messages: 0 } });
    await last.close();

    const bus = await openEmbeddedBus({ folder });
    const local = await contents(bus);
    const there = await contents(core);
    expect(local.size).toBe(RELAYED_TOPICS.length * 2);
    for (const [partition, messages] of local) {
      expect(names(there.get(partition)), partition).toEqual(names(messages));
      expect(there.get(partition)!.map(({ headers }) => headers?.[RELAY_HEADER.offset])).toEqual(messages.map((one) => `${one.partition}:${one.offset}`));
    }
    const messages = [...local.values()].reduce((sum, one) => sum + one.length, 0);
    expect(messages).toBeGreaterThanOrEqual(taken);
    expect(Math.min(...Object.values(faults)), JSON.stringify({ faults, messages })).toBeGreaterThan(0);
    await bus.close();
    await core.close();
  }, 400_000); // 45 s by itself; the broker is slow to come back where much else runs
});

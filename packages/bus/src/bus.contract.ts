import type { TopicContract } from "@yunwei/schemas";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Bus, BusMessage, DeliveredMessage, SubscribeOptions, Subscription } from "./bus.ts";

const encoder = new TextEncoder();
const text = (message: DeliveredMessage): string => Buffer.from(message.value).toString("utf8");
const message = (key: string, value: string, headers?: Record<string, string>): BusMessage =>
  headers === undefined ? { key, value: encoder.encode(value) } : { key, value: encoder.encode(value), headers };

let topicCount = 0;

/**
 * What every Bus promises. Each adapter runs it against its real engine.
 * @param open - a bus on the one engine of this suite: called again it must see what earlier buses of the suite made durable
 */
export function busContract(name: string, open: () => Promise<Bus>): void {
  describe(`${name} keeps the Bus contract`, () => {
    let bus: Bus;
    beforeAll(async () => {
      bus = await open();
    });
    afterAll(async () => {
      await bus.close();
    });

    async function freshTopic(partitions = 1, on: Bus = bus): Promise<string> {
      const topic: TopicContract = {
        name: `contract-${process.pid}-${Date.now()}-${topicCount++}`,
        producer: "test",
        consumers: [],
        partitions,
        retentionHours: 1,
        retentionBytes: 1 << 30,
      };
      await on.ensureTopics([topic]);
      return topic.name;
    }

    function collect(
      topic: string,
      groupId = "g",
      options: Partial<SubscribeOptions> = {},
      on: Bus = bus,
    ): { seen: string[]; batches: DeliveredMessage[][]; subscription: Promise<Subscription> } {
      const seen: string[] = [];
      const batches: DeliveredMessage[][] = [];
      const subscription = on.subscribe({ topic, groupId, ...options }, async (batch) => {
        batches.push([...batch]);
        for (const one of batch) seen.push(text(one));
      });
      return { seen, batches, subscription };
    }

    it("delivers what was published, in order per key, with headers, keys and rising offsets", async () => {
      const topic = await freshTopic(3);
      const messages = Array.from({ length: 300 }, (_, i) => message(`k${i % 7}`, `${i % 7}:${i}`, { "yunwei.site": "苏州", n: String(i) }));
      for (let i = 0; i < messages.length; i += 50) await bus.publish(topic, messages.slice(i, i + 50));
      const { batches, seen, subscription } = collect(topic);
      await expect.poll(() => seen.length, { timeout: 30_000 }).toBe(300);
      await (await subscription).close();
      for (let key = 0; key < 7; key++) {
        const order = seen.filter((value) => value.startsWith(`${key}:`)).map((value) => Number(value.split(":")[1]));
        expect(order).toEqual([...order].sort((a, b) => a - b));
      }
      for (const batch of batches) {
        expect(new Set(batch.map((one) => one.partition)).size).toBe(1);
        for (let i = 1; i < batch.length; i++) expect(batch[i]!.offset).toBeGreaterThan(batch[i - 1]!.offset);
        for (const one of batch) {
          expect(one.key).toBe(`k${text(one).split(":")[0]}`);
          expect(one.headers).toEqual({ "yunwei.site": "苏州", n: text(one).split(":")[1] });
          expect(one.timestampMs).toBeGreaterThan(1.6e12);
        }
      }
    });

    it("keeps any bytes as they are", async () => {
      const topic = await freshTopic();
      const got: Uint8Array[] = [];
      const subscription = await bus.subscribe({ topic, groupId: "g" }, async (batch) => {
        for (const one of batch) got.push(new Uint8Array(one.value));
      });
      const values = fc.sample(fc.uint8Array({ maxLength: 2_000 }), { numRuns: 50, seed: 7 });
      await bus.publish(
        topic,
        values.map((value) => ({ key: "k", value })),
      );
      await expect.poll(() => got.length, { timeout: 30_000 }).toBe(50);
      expect(got.map((value) => Buffer.from(value).toString("hex"))).toEqual(values.map((value) => Buffer.from(value).toString("hex")));
      await subscription.close();
    });

    it("delivers again what a handler refused, the same messages first", async () => {
      const topic = await freshTopic();
      await bus.publish(topic, [message("a", "1"), message("a", "2")]);
      const attempts: string[][] = [];
      const subscription = await bus.subscribe({ topic, groupId: "g" }, async (batch) => {
        attempts.push(batch.map(text));
        if (attempts.length < 3) throw new Error("refused on purpose");
      });
      await expect.poll(() => attempts.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(3);
      for (const attempt of attempts.slice(0, 3)) expect(attempt[0]).toBe("1");
      await subscription.close();
    });

    it("goes on after the commit when a group comes back, and shows each group every message", async () => {
      const topic = await freshTopic();
      await bus.publish(topic, [message("a", "1"), message("a", "2")]);
      const first = collect(topic, "one");
      await expect.poll(() => first.seen.length, { timeout: 30_000 }).toBe(2);
      await (await first.subscription).close();
      await bus.publish(topic, [message("a", "3")]);
      const second = collect(topic, "one");
      const other = collect(topic, "two");
      await expect.poll(() => [second.seen.join(), other.seen.join()], { timeout: 30_000 }).toEqual(["3", "1,2,3"]);
      await (await second.subscription).close();
      await (await other.subscription).close();
    });

    it("starts a new group at the end when asked to", async () => {
      const topic = await freshTopic();
      await bus.publish(topic, [message("a", "old")]);
      const { seen, subscription } = collect(topic, "late", { from: "latest" });
      const open = await subscription;
      await bus.publish(topic, [message("a", "new")]);
      await expect.poll(() => seen.join(), { timeout: 30_000 }).toBe("new");
      await open.close();
    });

    it("gives the very batch that was cut before, whatever else has come since", async () => {
      const topic = await freshTopic();
      await bus.publish(
        topic,
        Array.from({ length: 10 }, (_, i) => message("a", String(i))),
      );
      const { batches, seen, subscription } = collect(topic, "g", { cut: async (_partition, first) => (first === 0 ? 6 : undefined) });
      await expect.poll(() => seen.length, { timeout: 30_000 }).toBe(10);
      expect(batches[0]!.map((one) => one.offset)).toEqual([0, 1, 2, 3, 4, 5, 6]);
      await (await subscription).close();
    });

    it("closes a batch at its limits and lingers for more until then", async () => {
      const topic = await freshTopic();
      await bus.publish(
        topic,
        Array.from({ length: 25 }, (_, i) => message("a", String(i))),
      );
      const limited = collect(topic, "limited", { maxMessages: 10 });
      await expect.poll(() => limited.seen.length, { timeout: 30_000 }).toBe(25);
      for (const batch of limited.batches) expect(batch.length).toBeLessThanOrEqual(10);
      await (await limited.subscription).close();
      const lingering = collect(topic, "lingering", { lingerMs: 1_500, from: "latest" });
      const open = await lingering.subscription;
      await bus.publish(topic, [message("a", "x")]);
      await bus.publish(topic, [message("a", "y")]);
      await expect.poll(() => lingering.seen.join(), { timeout: 30_000 }).toBe("x,y");
      expect(lingering.batches.length).toBe(1);
      await open.close();
    });

    it("shares the partitions of a topic among the members of a group", async () => {
      const topic = await freshTopic(4);
      const a = collect(topic);
      const b = collect(topic);
      await Promise.all([a.subscription, b.subscription]);
      await new Promise((resolve) => setTimeout(resolve, 500));
      const messages = Array.from({ length: 200 }, (_, i) => message(`key-${i}`, String(i)));
      await bus.publish(topic, messages);
      await expect.poll(() => new Set([...a.seen, ...b.seen]).size, { timeout: 30_000 }).toBe(200);
      const parts = (batches: DeliveredMessage[][]) => new Set(batches.flat().map((one) => one.partition));
      expect(parts(a.batches).size).toBeGreaterThan(0);
      expect(parts(b.batches).size).toBeGreaterThan(0);
      await (await a.subscription).close();
      await (await b.subscription).close();
    });

    it("refuses a message over the limit with a code that says not to retry", async () => {
      const topic = await freshTopic();
      await expect(bus.publish(topic, [{ key: "a", value: new Uint8Array(3 * 1024 * 1024) }])).rejects.toMatchObject({ code: "YUNWEI_BUS_MESSAGE_TOO_LARGE" });
    });

    it("tells the lag, and keeps everything for the next bus on the same engine", async () => {
      const topic = await freshTopic();
      await bus.publish(topic, [message("a", "1"), message("a", "2")]);
      await bus.close();
      await bus.close();
      bus = await open();
      const seen: string[] = [];
      const gate = Promise.withResolvers<void>();
      const opened = await bus.subscribe({ topic, groupId: "after" }, async (batch) => {
        seen.push(...batch.map(text));
        await gate.promise;
      });
      await expect.poll(() => seen.join(), { timeout: 30_000 }).toBe("1,2");
      expect(await opened.lag()).toBe(2);
      gate.resolve();
      await expect.poll(() => opened.lag(), { timeout: 30_000 }).toBe(0);
      await opened.close();
    });
  });
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Admin } from "@platformatic/kafka";
import { CONSUMER_SESSION_MS, type KafkaBroker } from "@yunwei/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Bus, BusMessage, DeliveredMessage } from "../bus.ts";
import type { KafkaBusOptions, KafkaDriverName } from "./kafka-bus.ts";

const text = (message: DeliveredMessage): string => Buffer.from(message.value).toString();
const message = (value: string): BusMessage => ({ key: value, value: Buffer.from(value) });
const numbers = (count: number, prefix = ""): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);
const missing = (wanted: readonly string[], got: readonly string[]): string[] => {
  const there = new Set(got);
  return wanted.filter((value) => !there.has(value));
};

/** What KafkaBus promises beyond the contract: on a broker that dies, and of members that come and go. */
export function kafkaFaults(driver: KafkaDriverName, broker: KafkaBroker, open: (more?: Partial<KafkaBusOptions>) => Promise<Bus>): void {
  describe(`KafkaBus on ${driver} under faults`, () => {
    let bus: Bus;
    let topics = 0;
    beforeAll(async () => {
      bus = await open();
    });
    afterAll(() => bus.close());

    async function freshTopic(partitions: number): Promise<string> {
      const name = `faults-${driver}-${process.pid}-${topics++}`;
      await bus.ensureTopics([{ name, producer: "test", consumers: [], partitions, retentionHours: 1, retentionBytes: 1 << 30 }]);
      return name;
    }

    it("loses nothing acknowledged when the broker is killed and comes back in the middle of publishing", async () => {
      const topic = await freshTopic(2);
      const seen: string[] = [];
      const subscription = await bus.subscribe({ topic, groupId: "g" }, async (batch) => {
        seen.push(...batch.map(text));
      });
      const acknowledged: string[] = [];
      const refused: unknown[] = [];
      let publishing = true;
      const publisher = (async () => {
        for (let i = 0; publishing; i++) {
          const values = numbers(5, `${i}-`);
          const sent = bus.publish(topic, values.map(message)).then(
            () => acknowledged.push(...values),
            (error: unknown) => refused.push(error),
          );
          if (i % 8 === 7) await sent;
          await sleep(2);
        }
      })();
      await expect.poll(() => acknowledged.length, { timeout: 30_000 }).toBeGreaterThan(500);
      broker.kill();
      await sleep(500);
      await broker.restart();
      const before = acknowledged.length;
      await expect.poll(() => acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(before + 500);
      publishing = false;
      await publisher;
      await expect.poll(() => missing(acknowledged, seen), { timeout: 60_000 }).toEqual([]);
      expect(refused).toEqual([]);
      // At least once, but an outage must not deliver half the topic again.
      expect(seen.length - new Set(seen).size).toBeLessThan(100);
      await subscription.close();
    });

    it("hands partitions over, batch done and committed, when members come and go: nothing lost, nothing twice, never two at once", async () => {
      const topic = await freshTopic(4);
      const all = numbers(2_000);
      const seen: string[] = [];
      const busy = new Set<number>();
      const shares = new Map<string, number>();
      const member = (name: string, on: Bus) =>
        on.subscribe({ topic, groupId: "g", maxMessages: 10 }, async (batch) => {
          const { partition } = batch[0]!;
          expect(busy.has(partition)).toBe(false);
          busy.add(partition);
          await sleep(15);
          seen.push(...batch.map(text));
          shares.set(name, (shares.get(name) ?? 0) + batch.length);
          busy.delete(partition);
        });
      await bus.publish(topic, all.map(message));
      const other = await open();
      const first = await member("first", bus);
      await expect.poll(() => seen.length, { timeout: 30_000 }).toBeGreaterThan(200);
      const second = await member("second", other);
      await expect.poll(() => shares.get("second") ?? 0, { timeout: 30_000 }).toBeGreaterThan(100);
      await first.close();
      await expect.poll(() => new Set(seen).size, { timeout: 30_000 }).toBe(all.length);
      await expect.poll(() => second.lag(), { timeout: 30_000 }).toBe(0);
      expect([...seen].sort()).toEqual([...all].sort());
      await other.close();
    });

    it("gives the partitions of a killed member to another one, with what it had not committed", async () => {
      const topic = await freshTopic(2);
      const all = numbers(1_000);
      await bus.publish(topic, all.map(message));
      const child = spawn(process.execPath, [fileURLToPath(new URL("./kill-consumer.ts", import.meta.url)), driver, broker.brokers[0]!, topic, "g"], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let printed = "";
      child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
        printed += chunk;
        if (printed.length > 600) child.kill("SIGKILL");
      });
      await once(child, "close");
      const killed = printed.split("\n").slice(0, -1);
      const seen: string[] = [];
      const subscription = await bus.subscribe({ topic, groupId: "g" }, async (batch) => {
        seen.push(...batch.map(text));
      });
      await expect.poll(() => missing(all, [...killed, ...seen]), { timeout: CONSUMER_SESSION_MS + 20_000 }).toEqual([]);
      // A partition's batch in hand may come again, what was committed before it may not.
      expect(killed.length).toBeGreaterThan(100);
      expect(killed.length + seen.length - all.length).toBeLessThanOrEqual(2 * 5);
      await subscription.close();
    });

    it("cuts a batch at the offset asked for, even above the limits and before its end is published", async () => {
      const topic = await freshTopic(1);
      const batches: number[][] = [];
      await bus.publish(topic, numbers(100).map(message));
      const cut = async (_partition: number, first: number) => (first === 0 ? 149 : undefined);
      const subscription = await bus.subscribe({ topic, groupId: "g", maxMessages: 20, cut }, async (batch) => {
        batches.push(batch.map((one) => one.offset));
      });
      await sleep(1_000);
      expect(batches).toEqual([]);
      await bus.publish(topic, numbers(100).map(message));
      await expect.poll(() => batches.flat().length, { timeout: 30_000 }).toBe(200);
      expect(batches[0]).toEqual(numbers(150).map(Number));
      for (const batch of batches.slice(1)) expect(batch.length).toBeLessThanOrEqual(20);
      await subscription.close();
    });

    it("fails only the message that a topic of others does not take", async () => {
      const topic = `foreign-${driver}-${process.pid}`;
      const admin = new Admin({ clientId: "others", bootstrapBrokers: [...broker.brokers] });
      await admin.createTopics({ topics: [topic], partitions: 1, replicas: 1, configs: [{ name: "max.message.bytes", value: "10000" }] });
      await admin.close();
      const small = numbers(30).map((value) => bus.publish(topic, [{ key: value, value: Buffer.alloc(2_000) }]));
      const large = bus.publish(topic, [{ key: "large", value: Buffer.alloc(20_000) }]);
      await expect(large).rejects.toMatchObject({ code: "YUNWEI_BUS_MESSAGE_TOO_LARGE" });
      await expect(Promise.all(small)).resolves.toHaveLength(30);
    });

    it("says that it is unavailable when no broker answers in time, and when a topic is not there", async () => {
      await expect(bus.publish("nobody-made-it", [message("x")])).rejects.toMatchObject({ code: "YUNWEI_BUS_UNAVAILABLE" });
      await expect(bus.subscribe({ topic: "nobody-made-it", groupId: "g" }, async () => undefined)).rejects.toMatchObject({ code: "YUNWEI_BUS_UNAVAILABLE" });
      const topic = await freshTopic(1);
      const impatient = await open({ deliveryTimeoutMs: 1_000 });
      broker.kill();
      await expect(impatient.publish(topic, [message("x")])).rejects.toMatchObject({ code: "YUNWEI_BUS_UNAVAILABLE" });
      await expect(open({ patienceMs: 500 })).rejects.toMatchObject({ code: "YUNWEI_BUS_UNAVAILABLE" });
      await broker.restart();
      // What was given up before must neither hold up nor swallow what comes after it.
      const again = (): Promise<boolean> =>
        impatient.publish(topic, [message("y")]).then(
          () => true,
          () => false,
        );
      await expect.poll(again, { timeout: 60_000 }).toBe(true);
      const seen: string[] = [];
      await impatient.subscribe({ topic, groupId: "g" }, async (batch) => {
        seen.push(...batch.map(text));
      });
      await expect.poll(() => seen, { timeout: 30_000 }).toContain("y");
      await impatient.close();
    });
  });
}

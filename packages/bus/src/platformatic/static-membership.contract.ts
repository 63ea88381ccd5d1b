import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { KafkaBroker } from "@yunwei/testkit";
import { describe, expect, it } from "vitest";
import type { Bus } from "../bus.ts";

const VICTIM = fileURLToPath(new URL("../kafka/kill-consumer.ts", import.meta.url));
const PARTITIONS = 4;

/** What a process with a name of its own may rely on (KIP-848, which has static members as KIP-345 had; kafkajs has none). */
export function staticMembership(broker: KafkaBroker, open: (instanceId: string) => Promise<Bus>): void {
  describe("KafkaBus with an instance id", () => {
    async function scene(topic: string) {
      const stays = await open("stays");
      await stays.ensureTopics([{ name: topic, producer: "test", consumers: [], partitions: PARTITIONS, retentionHours: 1, retentionBytes: 1 << 30 }]);
      let count = 0;
      const publish = async (): Promise<string[]> => {
        const values = Array.from({ length: 40 }, () => String(count++));
        await stays.publish(
          topic,
          values.map((value) => ({ key: value, value: Buffer.from(value) })),
        );
        return values;
      };
      const listen = async (bus: Bus) => {
        const seen: string[] = [];
        const partitions = new Set<number>();
        await bus.subscribe({ topic, groupId: "g" }, async (batch) => {
          for (const one of batch) seen.push(Buffer.from(one.value).toString());
          partitions.add(batch[0]!.partition);
        });
        return { seen, partitions };
      };
      return { stays, publish, listen };
    }

    it("keeps its partitions over a restart within the session: no other member gets them, and nothing comes twice", async () => {
      const { stays, publish, listen } = await scene(`static-close-${process.pid}`);
      const goes = await open("goes");
      const [atStays, atGoes] = [await listen(stays), await listen(goes)];
      // The first member held everything until the second had come.
      await expect
        .poll(
          async () => {
            atStays.partitions.clear();
            await publish();
            await sleep(200);
            return [atStays.partitions.size, atGoes.partitions.size];
          },
          { timeout: 30_000 },
        )
        .toEqual([2, 2]);
      const shares = [new Set(atStays.partitions), new Set(atGoes.partitions)];
      await goes.close();
      const sent = await publish();
      await sleep(1_000);
      expect(atStays.partitions).toEqual(shares[0]);
      const back = await open("goes");
      const atBack = await listen(back);
      const handled = (): string[] => [...atStays.seen, ...atGoes.seen, ...atBack.seen];
      await expect.poll(() => sent.filter((value) => !handled().includes(value)), { timeout: 30_000 }).toEqual([]);
      expect(atBack.partitions).toEqual(shares[1]);
      expect(atStays.partitions).toEqual(shares[0]);
      expect(handled().length).toBe(new Set(handled()).size);
      await back.close();
      await stays.close();
    });

    it("takes its partitions back at once after a kill -9", async () => {
      const topic = `static-kill-${process.pid}`;
      const { stays, publish, listen } = await scene(topic);
      const atStays = await listen(stays);
      const child = spawn(process.execPath, [VICTIM, "platformatic", broker.brokers[0]!, topic, "g", "goes"], { stdio: ["ignore", "pipe", "inherit"] });
      let printed = "";
      child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
        printed += chunk;
      });
      await expect
        .poll(
          async () => {
            await publish();
            await sleep(200);
            return printed.length;
          },
          { timeout: 30_000 },
        )
        .toBeGreaterThan(0);
      child.kill("SIGKILL");
      await once(child, "close");
      atStays.partitions.clear();
      const sent = await publish();
      const back = await open("goes");
      const atBack = await listen(back);
      await expect.poll(() => sent.filter((value) => ![...atStays.seen, ...atBack.seen].includes(value)), { timeout: 30_000 }).toEqual([]);
      expect(atStays.partitions.size).toBe(2);
      expect(atBack.partitions.size).toBe(2);
      await back.close();
      await stays.close();
    });

    it("lets the one that started last go on when two processes have the same name", async () => {
      const { stays, publish, listen } = await scene(`static-twin-${process.pid}`);
      const first = await listen(stays);
      await publish();
      await expect.poll(() => first.seen.length, { timeout: 30_000 }).toBe(40);
      const twin = await open("stays");
      const second = await listen(twin);
      await expect
        .poll(
          async () => {
            const before = first.seen.length;
            const sent = await publish();
            await sleep(300);
            return first.seen.length === before && sent.every((value) => second.seen.includes(value));
          },
          { timeout: 30_000 },
        )
        .toBe(true);
      await twin.close();
      await stays.close();
    });
  });
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { KafkaBroker } from "@yunwei/testkit";
import { expect, it } from "vitest";
import type { Bus, BusMessage } from "../bus.ts";
import type { KafkaDriverName } from "./kafka-bus.ts";

const PARTITIONS = 4;
const PER_PUBLISH = 5;
const IN_FLIGHT = 8;
const VICTIM_BATCH = 5;
const VICTIM = fileURLToPath(new URL("./kill-consumer.ts", import.meta.url));

/** Consumers as processes of their own; what they print they have handled. */
class Victims {
  readonly #start: () => ChildProcess;
  readonly #running: ChildProcess[] = [];
  readonly #printed: (() => readonly string[])[] = [];

  constructor(count: number, parameters: readonly string[]) {
    this.#start = () => spawn(process.execPath, [VICTIM, ...parameters], { stdio: ["ignore", "pipe", "ignore"] });
    for (let i = 0; i < count; i++) this.#add();
  }

  #add(): void {
    const child = this.#start();
    let text = "";
    child.stdout!.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    this.#running.push(child);
    this.#printed.push(() => text.split("\n").slice(0, -1));
  }

  get handled(): string[] {
    return this.#printed.flatMap((lines) => lines());
  }

  /** kill -9 of the one that has been there longest, and a new one in its place. */
  async replaceOldest(): Promise<void> {
    await end(this.#running.shift()!);
    this.#add();
  }

  async endAll(): Promise<void> {
    await Promise.all(this.#running.map(end));
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, "close");
  child.kill("SIGKILL");
  await closed;
}

/** The measure that either driver is held to (docs/adr/0005-kafka-driver.md). */
export function kafkaChaos(driver: KafkaDriverName, broker: KafkaBroker, open: () => Promise<Bus>): void {
  it(`KafkaBus on ${driver} loses and rejects nothing when the broker and a consumer are killed twice each under load`, async () => {
    const bus = await open();
    const topic = `chaos-${driver}-${process.pid}`;
    await bus.ensureTopics([{ name: topic, producer: "test", consumers: [], partitions: PARTITIONS, retentionHours: 1, retentionBytes: 1 << 30 }]);
    const victims = new Victims(3, [driver, broker.brokers[0]!, topic, "g"]);
    const acknowledged: string[] = [];
    const refused: unknown[] = [];
    let publishing = true;
    const publisher = (async () => {
      for (let i = 0; publishing; i++) {
        const values = Array.from({ length: PER_PUBLISH }, (_, j) => `${i}-${j}`);
        const sent = bus
          .publish(
            topic,
            values.map((value): BusMessage => ({ key: value, value: Buffer.from(value) })),
          )
          .then(
            () => acknowledged.push(...values),
            (error: unknown) => refused.push(error),
          );
        if (i % IN_FLIGHT === IN_FLIGHT - 1) await sent;
        await sleep(10);
      }
    })();
    const handled = (): number => new Set(victims.handled).size;
    await expect.poll(handled, { timeout: 30_000 }).toBeGreaterThan(300);
    for (let round = 0; round < 2; round++) {
      const before = handled();
      broker.kill();
      await sleep(300);
      await broker.restart();
      await expect.poll(handled, { timeout: 60_000 }).toBeGreaterThan(before + 300);
      await victims.replaceOldest();
    }
    publishing = false;
    await publisher;
    const missing = (): string[] => {
      const there = new Set(victims.handled);
      return acknowledged.filter((value) => !there.has(value));
    };
    await expect.poll(missing, { timeout: 60_000 }).toEqual([]);
    await victims.endAll();
    expect(refused).toEqual([]);
    // Twice: at most what was on its way to the broker at each of its ends, and a batch in hand for each partition of a killed consumer.
    const twice = victims.handled.length - handled();
    expect(twice).toBeLessThanOrEqual(2 * IN_FLIGHT * PER_PUBLISH + 2 * PARTITIONS * VICTIM_BATCH);
    await bus.close();
  });
}

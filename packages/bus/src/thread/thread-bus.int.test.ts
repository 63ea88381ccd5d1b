import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { linkThreads, type ThreadLink } from "@yunwei/service-kit";
import { expect, it } from "vitest";
import { busContract } from "../bus.contract.ts";
import type { Bus } from "../bus.ts";
import type { BusCalls } from "./bus-calls.ts";
import { ThreadBus } from "./thread-bus.ts";

const MAIN = new URL("./serve-embedded.test-data.ts", import.meta.url);

/** A bus whose engine lives in a thread of its own, which ends with it. */
async function openInThread(folder: string): Promise<Bus> {
  const worker = new Worker(MAIN, { workerData: folder });
  const bus = new ThreadBus(() => link.remote);
  const link: ThreadLink<BusCalls & { stop(): Promise<void> }> = linkThreads(worker, bus.callbacks);
  await Promise.race([bus.ensureTopics([]), once(worker, "error").then(([error]) => Promise.reject(error))]);
  let closed: Promise<unknown> | undefined;
  return {
    ensureTopics: (topics) => bus.ensureTopics(topics),
    publish: (topic, messages) => bus.publish(topic, messages),
    subscribe: (options, handler) => bus.subscribe(options, handler),
    async close() {
      closed ??= (async () => {
        await bus.close();
        const ended = once(worker, "exit");
        await link.remote.stop();
        await ended;
      })();
      await closed;
    },
  };
}

const folder = await mkdtemp(join(tmpdir(), "yunwei thread bus "));
busContract("ThreadBus on an EmbeddedBus in another thread", () => openInThread(folder));

it("leaves what it is given as it is, however often it is published", async () => {
  const bus = await openInThread(await mkdtemp(join(tmpdir(), "yunwei thread bus ")));
  await bus.ensureTopics([{ name: "t", producer: "p", consumers: [], partitions: 1, retentionHours: 1, retentionBytes: 1 << 20 }]);
  const slab = Buffer.from("before value after");
  const value = slab.subarray(7, 12);
  const got: string[] = [];
  const subscription = await bus.subscribe({ topic: "t", groupId: "g" }, async (batch) => {
    got.push(...batch.map((one) => `${Buffer.from(one.value).toString()} of ${one.value.buffer.byteLength}`));
  });
  await bus.publish("t", [{ key: "k", value }]);
  await bus.publish("t", [{ key: "k", value }]);
  await expect.poll(() => got, { timeout: 10_000 }).toEqual(["value of 5", "value of 5"]);
  expect(slab.toString()).toBe("before value after");
  await subscription.close();
  await bus.close();
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Admin, ConfigResourceTypes, IncrementalAlterConfigOperationTypes } from "@platformatic/kafka";
import type { KafkaBroker } from "@yunwei/testkit";
import { expect, it } from "vitest";
import type { Bus } from "../bus.ts";
import { GroupMembership } from "./group-membership.ts";
import { PlatformaticCluster } from "./platformatic-cluster.ts";

const VICTIM = fileURLToPath(new URL("../kafka/kill-consumer.ts", import.meta.url));
/** For the broker of the tests a member's silence of five seconds is long; the broker itself is told to wait for a minute. */
const LONG_SESSION_MS = 60_000;
const WHOLE_AGAIN_MS = 30_000;

/**
 * A broker that sets no session timer for members that it has loaded while it started (see StandstillWatch) never puts them
 * out. That is a race within the broker, so here it has a session that outlasts the test instead.
 */
export function forgottenMembers(broker: KafkaBroker, open: () => Promise<Bus>): void {
  it("puts members out that the broker does not put out, and gets their partitions", async () => {
    const bus = await open();
    const topic = `forgotten-${process.pid}`;
    await bus.ensureTopics([{ name: topic, producer: "test", consumers: [], partitions: 2, retentionHours: 1, retentionBytes: 1 << 30 }]);
    await setSession(broker, `g:${topic}`);
    const missing = new Set<string>();
    const publish = async (prefix: string): Promise<void> => {
      const values = Array.from({ length: 100 }, (_, i) => `${prefix}${i}`);
      for (const value of values) missing.add(value);
      await bus.publish(
        topic,
        values.map((value) => ({ key: value, value: Buffer.from(value) })),
      );
    };
    await publish("before-");
    const child = spawn(process.execPath, [VICTIM, "platformatic", broker.brokers[0]!, topic, "g"], { stdio: ["ignore", "pipe", "ignore"] });
    let printed = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      printed += chunk;
    });
    await expect.poll(() => printed.length, { timeout: 30_000 }).toBeGreaterThan(100);
    const ended = once(child, "close");
    child.kill("SIGKILL");
    await ended;
    for (const value of printed.split("\n")) missing.delete(value);
    await bus.subscribe({ topic, groupId: "g" }, async (batch) => {
      for (const { value } of batch) missing.delete(Buffer.from(value).toString());
    });
    await publish("after-");
    await expect.poll(() => missing.size, { timeout: WHOLE_AGAIN_MS, interval: 200 }).toBe(0);
    await bus.close();
  });

  it("moves a group on by a member that comes and goes, without a partition moving", async () => {
    const bus = await open();
    const topic = `advanced-${process.pid}`;
    await bus.ensureTopics([{ name: topic, producer: "test", consumers: [], partitions: 2, retentionHours: 1, retentionBytes: 1 << 30 }]);
    const cluster = new PlatformaticCluster({ brokers: broker.brokers, clientId: "advance" });
    const given: (readonly number[])[] = [];
    const onTarget = (partitions: readonly number[]): void => {
      given.push(partitions);
    };
    const quiet = { onFenced: () => undefined, onTrouble: () => undefined };
    const member = new GroupMembership(cluster, { groupId: `advanced:${topic}`, topic, rebalanceTimeoutMs: 60_000, onTarget, ...quiet });
    member.start();
    await expect.poll(() => given.at(-1)?.length, { timeout: 30_000 }).toBe(2);
    member.hold([0, 1]);
    const before = (await member.census()).groupEpoch;
    for (let i = 0; i < 3; i++) await member.advance();
    const after = await member.census();
    expect(after.groupEpoch).toBe(before + 6);
    expect(after.members.map(({ partitions }) => partitions.length)).toEqual([2]);
    await member.leave();
    await cluster.close();
    await bus.close();
  });
}

async function setSession(broker: KafkaBroker, group: string): Promise<void> {
  const admin = new Admin({ clientId: "sessions", bootstrapBrokers: [...broker.brokers] });
  const configs = [{ name: "consumer.session.timeout.ms", configOperation: IncrementalAlterConfigOperationTypes.SET, value: String(LONG_SESSION_MS) }];
  await admin.incrementalAlterConfigs({ resources: [{ resourceType: ConfigResourceTypes.GROUP, resourceName: group, configs }] });
  await admin.close();
}

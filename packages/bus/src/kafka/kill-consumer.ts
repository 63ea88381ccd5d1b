import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { CONSUMER_SESSION_MS } from "@yunwei/testkit";
import { type KafkaDriverName, openKafkaBus } from "./kafka-bus.ts";

/** The victim of the kill -9 test: handles slowly and prints each value once it is handled. */
const [, , driver, broker, topic, groupId, instanceId] = process.argv;
const bus = await openKafkaBus({
  driver: driver as KafkaDriverName,
  brokers: [broker!],
  clientId: "victim",
  sessionTimeoutMs: CONSUMER_SESSION_MS,
  onTrouble: (message) => writeSync(2, `${new Date().toISOString()} ${message}\n`),
  ...(instanceId === undefined ? {} : { instanceId }),
});
await bus.subscribe({ topic: topic!, groupId: groupId!, maxMessages: 5 }, async (batch) => {
  await sleep(20);
  writeSync(1, batch.map((one) => `${Buffer.from(one.value).toString()}\n`).join(""));
});

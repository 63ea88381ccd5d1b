import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { openKafkaBus } from "./kafka-bus.ts";

/** The victim of the kill -9 test: handles slowly and prints each value once it is handled. */
const [, , broker, topic, groupId] = process.argv;
const bus = await openKafkaBus({ brokers: [broker!], clientId: "victim" });
await bus.subscribe({ topic: topic!, groupId: groupId!, maxMessages: 5 }, async (batch) => {
  await sleep(20);
  writeSync(1, batch.map((one) => `${Buffer.from(one.value).toString()}\n`).join(""));
});

import { writeSync } from "node:fs";
import { openEmbeddedBus } from "./embedded-bus.ts";

/** The victim of the kill -9 test: publishes as fast as it can and prints each value once the bus has acknowledged it. */
const [, , folder, round] = process.argv;
const bus = await openEmbeddedBus({ folder: folder! });
await bus.ensureTopics([{ name: "t", producer: "t", consumers: [], partitions: 1, retentionHours: 1, retentionBytes: 1 << 30 }]);
for (let i = 0; ; i++) {
  const values = [0, 1, 2].map((n) => `${round}-${i}-${n}`);
  await bus.publish(
    "t",
    values.map((value) => ({ key: "k", value: Buffer.from(value) })),
  );
  writeSync(1, `${values.join("\n")}\n`);
}

import { Admin, CompressionAlgorithms, Producer } from "@platformatic/kafka";
import type { KafkaBroker } from "@yunwei/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Bus, DeliveredMessage } from "../bus.ts";
import { KAFKA_DRIVERS, type KafkaDriverName } from "./kafka-bus.ts";

const CODECS = [CompressionAlgorithms.NONE, CompressionAlgorithms.GZIP, CompressionAlgorithms.SNAPPY, CompressionAlgorithms.LZ4, CompressionAlgorithms.ZSTD];
const COUNT = 30;
/** As a Collector's kafkaexporter writes: a request of some kilobytes that compresses well, without a key of ours or any header. */
const values = Array.from({ length: COUNT }, (_, i) => Buffer.from(`${i}:${"resource.attributes host.name".repeat(20 + 10 * i)}`));

/** Messages that others write: each codec as its own client packs it, and as the broker does by Kafka's Java codecs (which frame snappy another way). */
export function foreignBatches(broker: KafkaBroker, open: (driver: KafkaDriverName) => Promise<Bus>): void {
  describe("KafkaBus and messages of others", () => {
    const producer = new Producer<Buffer | undefined, Buffer>({ clientId: "others", bootstrapBrokers: [...broker.brokers] });
    const admin = new Admin({ clientId: "others", bootstrapBrokers: [...broker.brokers] });
    const buses = new Map<KafkaDriverName, Bus>();
    beforeAll(async () => {
      for (const driver of KAFKA_DRIVERS) buses.set(driver, await open(driver));
    });
    afterAll(async () => {
      await Promise.all([...buses.values()].map((bus) => bus.close()));
      await producer.close(true);
      await admin.close();
    });

    it.each(CODECS.flatMap((codec) => ["client", "broker"].map((packer) => ({ codec, packer }))))(
      "reads $codec packed by the $packer",
      async ({ codec, packer }) => {
        const topic = `foreign-${codec}-${packer}-${process.pid}`;
        const compression = codec === CompressionAlgorithms.NONE ? "uncompressed" : codec;
        const configs = packer === "broker" ? [{ name: "compression.type", value: compression }] : [];
        await admin.createTopics({ topics: [topic], partitions: 1, replicas: 1, configs });
        await producer.send({ messages: values.map((value) => ({ topic, value })), ...(packer === "client" ? { compression: codec } : {}) });
        for (const driver of KAFKA_DRIVERS) {
          const got: DeliveredMessage[] = [];
          const subscription = await buses.get(driver)!.subscribe({ topic, groupId: driver }, async (batch) => {
            got.push(...batch);
          });
          await expect.poll(() => got.length, { timeout: 30_000 }).toBe(COUNT);
          expect(got.map((one) => Buffer.from(one.value).toString())).toEqual(values.map(String));
          for (const one of got) expect([one.key, one.headers]).toEqual(["", undefined]);
          await subscription.close();
        }
      },
    );
  });
}

import { CONSUMER_SESSION_MS, FaultyLink, startKafka } from "@yunwei/testkit";
import { afterAll, describe, it } from "vitest";
import { KAFKA_DRIVERS, openKafkaBus } from "./kafka-bus.ts";
import { kafkaLiveness } from "./kafka-liveness.contract.ts";
import { publishOnce } from "./publish-once.contract.ts";

/** Another seed is another order of faults; longer finds more. */
const SEED = 2;
const FAULTS_MS = 5_000;

const link = await FaultyLink.open();
const broker = await startKafka({ advertisedPort: link.port });

if ("skipped" in broker) {
  await link.close();
  describe.skip(`KafkaBus (no broker: ${broker.skipped})`, () => {
    it("goes on once all is whole", () => undefined);
  });
} else {
  link.aim(broker.port);
  afterAll(async () => {
    await link.close();
    await broker.stop();
  });
  for (const driver of KAFKA_DRIVERS) {
    const open = () => openKafkaBus({ driver, brokers: [`127.0.0.1:${link.port}`], clientId: "liveness", sessionTimeoutMs: CONSUMER_SESSION_MS });
    publishOnce({ driver, link, port: broker.port, open });
    kafkaLiveness({ driver, broker, link, seed: SEED, faultsMs: FAULTS_MS, open });
  }
}

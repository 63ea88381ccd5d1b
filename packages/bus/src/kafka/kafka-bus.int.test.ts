import { type KafkaBroker, startKafka } from "@yunwei/testkit";
import { afterAll, describe, it } from "vitest";
import { busContract } from "../bus.contract.ts";
import { openKafkaBus } from "./kafka-bus.ts";
import { kafkaFaults } from "./kafka-faults.contract.ts";

const kafka = await startKafka();

if ("skipped" in kafka) {
  describe.skip(`KafkaBus (no broker: ${kafka.skipped})`, () => {
    it("keeps the Bus contract", () => undefined);
  });
} else withBroker(kafka);

function withBroker(broker: KafkaBroker): void {
  afterAll(() => broker.stop());
  busContract("KafkaBus", () => openKafkaBus({ brokers: broker.brokers, clientId: "contract" }));
  kafkaFaults(broker);
}

import { CONSUMER_SESSION_MS, type KafkaBroker, startKafka } from "@yunwei/testkit";
import { afterAll, afterEach, describe, it } from "vitest";
import { busContract } from "../bus.contract.ts";
import { forgottenMembers } from "../platformatic/forgotten-members.contract.ts";
import { staticMembership } from "../platformatic/static-membership.contract.ts";
import { foreignBatches } from "./foreign-batches.contract.ts";
import { KAFKA_DRIVERS, openKafkaBus } from "./kafka-bus.ts";
import { kafkaChaos } from "./kafka-chaos.contract.ts";
import { kafkaFaults } from "./kafka-faults.contract.ts";
import { kafkaSecurity } from "./kafka-security.contract.ts";

const kafka = await startKafka({ secure: true });

if ("skipped" in kafka) {
  describe.skip(`KafkaBus (no broker: ${kafka.skipped})`, () => {
    it("keeps the Bus contract", () => undefined);
  });
} else withBroker(kafka);

function withBroker(broker: KafkaBroker): void {
  const troubles: string[] = [];
  const onTrouble = (message: string): void => {
    troubles.push(message);
  };
  afterEach(({ task }) => {
    if (task.result?.state === "fail") process.stderr.write(`${task.name}: the bus told\n  ${troubles.slice(-50).join("\n  ")}\n`);
    troubles.length = 0;
  });
  afterAll(() => broker.stop());
  for (const driver of KAFKA_DRIVERS) {
    const common = { driver, brokers: broker.brokers, sessionTimeoutMs: CONSUMER_SESSION_MS, onTrouble };
    busContract(`KafkaBus on ${driver}`, () => openKafkaBus({ ...common, clientId: "contract" }));
    kafkaSecurity(driver, broker.secure!);
    kafkaFaults(driver, broker, (more = {}) => openKafkaBus({ ...common, clientId: "faults", ...more }));
    kafkaChaos(driver, broker, () => openKafkaBus({ ...common, clientId: "chaos" }));
  }
  foreignBatches(broker, (driver) => openKafkaBus({ driver, brokers: broker.brokers, clientId: "reader", onTrouble }));
  forgottenMembers(broker, () => openKafkaBus({ brokers: broker.brokers, clientId: "next", onTrouble }));
  staticMembership(broker, (instanceId) => openKafkaBus({ brokers: broker.brokers, clientId: instanceId, instanceId, onTrouble }));
}

import { type BatchObservableResult, metrics } from "@opentelemetry/api";
import type { RelayStatus } from "./relay-status.ts";

/** Shows the relay's state as metrics of this process until it is closed. */
export class RelayGauges {
  readonly #meter = metrics.getMeter("yunwei.relay");
  readonly #lag = this.#meter.createObservableGauge("yunwei.relay.lag", {
    unit: "{message}",
    description: "Messages of a topic that the core does not have yet.",
  });
  readonly #lagBytes = this.#meter.createObservableGauge("yunwei.relay.lag_bytes", {
    unit: "By",
    description: "Bytes of a topic that the core does not have yet.",
  });
  readonly #age = this.#meter.createObservableGauge("yunwei.relay.oldest_age", {
    unit: "s",
    description: "Age of the oldest message that the core does not have yet.",
  });
  readonly #rate = this.#meter.createObservableGauge("yunwei.relay.rate", { unit: "By/s", description: "Bytes a second to the core, over ten seconds." });
  readonly #link = this.#meter.createObservableGauge("yunwei.relay.link_up", {
    unit: "1",
    description: "1 while the core's Kafka takes our messages, else 0.",
  });
  readonly #refused = this.#meter.createObservableGauge("yunwei.relay.refused", {
    unit: "1",
    description: "1 while new telemetry of a topic is refused for want of room, else 0.",
  });
  readonly #givenUp = this.#meter.createObservableGauge("yunwei.relay.given_up", {
    unit: "{message}",
    description: "Messages given up for the core since ever.",
  });
  readonly #all = [this.#lag, this.#lagBytes, this.#age, this.#rate, this.#link, this.#refused, this.#givenUp];
  readonly #observe: (result: BatchObservableResult) => void;

  constructor(status: () => RelayStatus) {
    this.#observe = (result) => this.#collect(result, status());
    this.#meter.addBatchObservableCallback(this.#observe, this.#all);
  }

  #collect(result: BatchObservableResult, status: RelayStatus): void {
    result.observe(this.#link, status.link === "up" ? 1 : 0);
    result.observe(this.#givenUp, status.givenUp.messages);
    for (const [topic, one] of Object.entries(status.topics)) {
      const attributes = { "messaging.destination.name": topic };
      result.observe(this.#lag, one.waiting.messages, attributes);
      result.observe(this.#lagBytes, one.waiting.bytes, attributes);
      result.observe(this.#age, one.oldestAgeSeconds, attributes);
      result.observe(this.#rate, one.bytesPerSecond, attributes);
      result.observe(this.#refused, one.refused ? 1 : 0, attributes);
    }
  }

  close(): void {
    this.#meter.removeBatchObservableCallback(this.#observe, this.#all);
  }
}

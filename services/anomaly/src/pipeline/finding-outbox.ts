import { type Bus, encodeJson } from "@yunwei/bus";
import { ANOMALY_TOPIC, type Anomaly } from "@yunwei/schemas";
import { contentId, type Logger } from "@yunwei/service-kit";
import type { Store } from "@yunwei/store";
import type { Finding } from "../domain/finding.ts";
import { anomalyMessage } from "./anomaly-message.ts";
import { anomalyRow } from "./anomaly-row.ts";

/** Rows that wait for the store; the bus has them all, so the oldest may go. */
const MAX_WAITING_ROWS = 20_000;
const MAX_MESSAGES = 1000;

/**
 * Tells findings: to the bus first, and the caller waits; then openings and closings to the store, which nobody waits for
 * longer than one attempt. The detector has already moved on when a publish fails, so what was not told stays here and goes
 * out with the next flush.
 */
export class FindingOutbox {
  readonly #bus: Bus;
  readonly #store: Store;
  readonly #logger: Logger;
  readonly #tau: number;
  #untold: Anomaly[] = [];
  #rows: Anomaly[] = [];
  #tail: Promise<void> = Promise.resolve();
  told = 0;
  droppedRows = 0;

  constructor(bus: Bus, store: Store, logger: Logger, tau: number) {
    this.#bus = bus;
    this.#store = store;
    this.#logger = logger;
    this.#tau = tau;
  }

  /** Takes findings and tells all that is untold, in order. @throws what the bus throws; nothing is lost then */
  flush(findings: readonly Finding[]): Promise<void> {
    for (const finding of findings) if (finding.series.entity !== "") this.#untold.push(anomalyMessage(finding));
    const result = this.#tail.then(() => this.#tell());
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async #tell(): Promise<void> {
    while (this.#untold.length > 0) {
      const batch = this.#untold.slice(0, MAX_MESSAGES);
      await this.#bus.publish(
        ANOMALY_TOPIC,
        batch.map((anomaly) => ({ key: anomaly.entity, value: encodeJson(anomaly) })),
      );
      this.#untold.splice(0, batch.length);
      this.told += batch.length;
      for (const anomaly of batch) if (anomaly.state !== "update") this.#rows.push(anomaly);
    }
    await this.#write();
  }

  async #write(): Promise<void> {
    if (this.#rows.length > MAX_WAITING_ROWS) {
      this.droppedRows += this.#rows.length - MAX_WAITING_ROWS;
      this.#rows.splice(0, this.#rows.length - MAX_WAITING_ROWS);
    }
    if (this.#rows.length === 0) return;
    const batch = this.#rows.slice();
    try {
      const rows = batch.map((anomaly) => anomalyRow(anomaly, this.#tau));
      await this.#store.insertRows("anomalies", rows, { token: contentId(...batch.map(({ messageId }) => messageId)) });
      this.#rows.splice(0, batch.length);
    } catch (error) {
      this.#logger.warn({ err: error, waiting: batch.length, dropped: this.droppedRows }, "anomalies are not in the store yet; they go with the next ones");
    }
  }
}

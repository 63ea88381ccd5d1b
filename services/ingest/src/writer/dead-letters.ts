import { metrics } from "@opentelemetry/api";
import type { Bus, DeliveredMessage } from "@yunwei/bus";
import type { YunweiError } from "@yunwei/schemas";
import type { Logger } from "@yunwei/service-kit";
import type { Store } from "@yunwei/store";

/** A message that cannot be stored, and where that showed. */
export interface DeadMessage {
  readonly message: DeliveredMessage;
  /** "decode", or "insert" and the table whose rows the engine refused. */
  readonly stage: string;
  readonly error: YunweiError;
}

/** Of a message that cannot be stored, this much is kept in the table for people to look at; the whole is on the dead-letter topic. */
const RAW_BYTES = 64 * 1024;
const ERROR_CHARACTERS = 500;

/** Takes what cannot be stored, whole, to `<topic>.dlq` and, cut, to a table that people can query. */
export class DeadLetters {
  readonly #bus: Bus;
  readonly #store: Store;
  readonly #topic: string;
  readonly #logger: Logger;
  readonly #count = metrics
    .getMeter("yunwei.ingest")
    .createCounter("yunwei.ingest.dead_letters", { unit: "{message}", description: "Messages that could not be stored, by topic." });

  constructor(bus: Bus, store: Store, topic: string, logger: Logger) {
    this.#bus = bus;
    this.#store = store;
    this.#topic = topic;
    this.#logger = logger;
  }

  /** @param stem - of the batch's tokens; @param clockMs - of the batch's cut: a retry gives the same rows */
  async bury(dead: readonly DeadMessage[], stem: string, clockMs: number): Promise<void> {
    const topic = this.#topic;
    await this.#bus.publish(
      `${topic}.dlq`,
      dead.map(({ message, stage, error }) => ({
        key: message.key,
        value: message.value,
        headers: {
          ...message.headers,
          "yunwei.error": error.message.slice(0, ERROR_CHARACTERS),
          "yunwei.stage": stage,
          "yunwei.from": `${message.partition}:${message.offset}`,
        },
      })),
    );
    const at = Math.floor(clockMs / 1000);
    const rows = dead.map(({ message, stage, error }) => ({
      at,
      topic,
      part: message.partition,
      off: String(message.offset),
      source: message.headers?.["yunwei.source"] ?? "collector",
      stage,
      error: error.message,
      raw: Buffer.from(message.value.subarray(0, RAW_BYTES)).toString("base64"),
    }));
    await this.#store.insertRows("ingest_dlq", rows, { token: `${stem}:ingest_dlq` });
    this.#count.add(dead.length, { topic });
    this.#logger.warn({ topic, messages: dead.length, first: dead[0]!.error.message }, "messages that cannot be stored went to the dead-letter topic");
  }
}

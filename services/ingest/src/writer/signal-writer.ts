import { metrics } from "@opentelemetry/api";
import type { Bus, DeliveredMessage, Subscription } from "@yunwei/bus";
import { identityOf, inflateBody, type StreamIdentity } from "@yunwei/otlp";
import { YunweiError } from "@yunwei/schemas";
import type { Logger } from "@yunwei/service-kit";
import { encodeBlock, type Store } from "@yunwei/store";
import { BatchPlan } from "./batch-plan.ts";
import type { TableBlock } from "./metric-tables.ts";

/** How one signal is decoded and which tables it fills. */
export interface SignalTables {
  readonly topic: string;
  readonly blocks: readonly TableBlock[];
  /** Decodes one message and adds its rows to the blocks. @throws YunweiError YUNWEI_OTLP_INVALID for a poison message, with the blocks as they were */
  push(body: Uint8Array, identity: StreamIdentity): void;
  /** Completes the blocks once a batch, and stores what the rows refer to; before the rows themselves. */
  announce(): Promise<void>;
}

export interface WriterOptions {
  readonly bus: Bus;
  readonly store: Store;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

const GROUP = "ingest-writer";
const BATCH_MESSAGES = 4_000;
const BATCH_BYTES = 16 * 1024 * 1024;
const LINGER_MS = 1_000;
const MAX_PLAIN_BYTES = 64 * 1024 * 1024;
/** Of a message that cannot be stored, this much is kept in the table for people to look at; the whole is on the dead-letter topic. */
const DLQ_RAW_BYTES = 64 * 1024;

/** Takes one signal from the bus to its tables, in batches cut by offsets: at least once + token = once. */
export class SignalWriter {
  readonly #options: WriterOptions;
  readonly #tables: SignalTables;
  readonly #plan: BatchPlan;
  #subscription: Subscription | undefined;
  /** One batch at a time: the blocks are shared by the partitions. */
  #turn: Promise<void> = Promise.resolve();
  readonly #rows = metrics.getMeter("yunwei.ingest").createCounter("yunwei.ingest.rows", { unit: "{row}", description: "Rows stored by table." });
  readonly #poison = metrics
    .getMeter("yunwei.ingest")
    .createCounter("yunwei.ingest.dead_letters", { unit: "{message}", description: "Messages that could not be stored, by topic." });

  constructor(options: WriterOptions, tables: SignalTables) {
    this.#options = options;
    this.#tables = tables;
    this.#plan = new BatchPlan(options.store, tables.topic, options.nowMs);
  }

  async start(): Promise<void> {
    this.#subscription = await this.#options.bus.subscribe(
      {
        topic: this.#tables.topic,
        groupId: GROUP,
        maxMessages: BATCH_MESSAGES,
        maxBytes: BATCH_BYTES,
        lingerMs: LINGER_MS,
        cut: (partition, first) => this.#plan.cut(partition, first),
      },
      (batch) => this.#inTurn(() => this.#store(batch)),
    );
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #store(batch: readonly DeliveredMessage[]): Promise<void> {
    const stem = await this.#plan.note(batch);
    for (const { columns } of this.#tables.blocks) for (const column of Object.values(columns)) column.clear();
    const poison: { message: DeliveredMessage; error: YunweiError }[] = [];
    for (const message of batch) {
      try {
        const body = await inflateBody(message.value, message.headers?.["content-encoding"], MAX_PLAIN_BYTES);
        this.#tables.push(body, identityOf(message.headers));
      } catch (error) {
        if (!(error instanceof YunweiError) || error.retryable) throw error;
        poison.push({ message, error });
      }
    }
    await this.#tables.announce();
    for (const { table, columns } of this.#tables.blocks) await this.#insert(table, columns, stem);
    if (poison.length > 0) await this.#bury(poison, stem);
    this.#plan.finish(batch);
  }

  async #insert(table: string, columns: TableBlock["columns"], stem: string): Promise<void> {
    const rows = Object.values(columns)[0]!.rows;
    if (rows === 0) return;
    await this.#options.store.insertNative(table, Object.keys(columns), encodeBlock(columns), { token: `${stem}:${table}` });
    this.#rows.add(rows, { table });
  }

  /** What cannot be stored goes, whole, to `<topic>.dlq` and, cut, to a table that people can query; the rest of the batch is stored. */
  async #bury(poison: readonly { message: DeliveredMessage; error: YunweiError }[], stem: string): Promise<void> {
    const { topic } = this.#tables;
    await this.#options.bus.publish(
      `${topic}.dlq`,
      poison.map(({ message, error }) => ({
        key: message.key,
        value: message.value,
        headers: { ...message.headers, "yunwei.error": error.message.slice(0, 500), "yunwei.from": `${message.partition}:${message.offset}` },
      })),
    );
    const at = Math.floor(this.#options.nowMs() / 1000);
    const rows = poison.map(({ message, error }) => ({
      at,
      topic,
      part: message.partition,
      off: String(message.offset),
      source: message.headers?.["yunwei.source"] ?? "collector",
      stage: "decode",
      error: error.message,
      raw: Buffer.from(message.value.subarray(0, DLQ_RAW_BYTES)).toString("base64"),
    }));
    await this.#options.store.insertRows("ingest_dlq", rows, { token: `${stem}:ingest_dlq` });
    this.#poison.add(poison.length, { topic });
    this.#options.logger.warn(
      { topic, messages: poison.length, first: poison[0]!.error.message },
      "messages that cannot be stored went to the dead-letter topic",
    );
  }

  /** Messages not stored yet. */
  async lag(): Promise<number> {
    return (await this.#subscription?.lag()) ?? 0;
  }

  async close(): Promise<void> {
    await this.#subscription?.close();
  }
}

import { metrics } from "@opentelemetry/api";
import type { Bus, DeliveredMessage, Subscription } from "@yunwei/bus";
import { type Decoding, identityOf, type RequestReader } from "@yunwei/otlp";
import { YunweiError } from "@yunwei/schemas";
import type { Logger } from "@yunwei/service-kit";
import { encodeBlock, type Store } from "@yunwei/store";
import { BatchAccounts } from "../domain/batch-accounts.ts";
import type { WritePressure } from "../domain/write-pressure.ts";
import { BatchPlan } from "./batch-plan.ts";
import { DeadLetters, type DeadMessage } from "./dead-letters.ts";
import type { TableBlock } from "./metric-tables.ts";
import { type ReadMessage, rowsOf, type SignalTables } from "./signal-tables.ts";

export interface WriterOptions {
  readonly bus: Bus;
  readonly store: Store;
  readonly reader: RequestReader;
  readonly pressure: WritePressure;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

interface StoredMessage extends ReadMessage<Decoding> {
  readonly message: DeliveredMessage;
}

const GROUP = "ingest-writer";

/** Takes one signal from the bus to its tables, in batches cut by offsets: at least once + token = once. */
export class SignalWriter {
  readonly #options: WriterOptions;
  readonly #tables: SignalTables<Decoding>;
  readonly #plan: BatchPlan;
  readonly #accounts = new BatchAccounts();
  readonly #letters: DeadLetters;
  #subscription: Subscription | undefined;
  /** Of the batch stored last. */
  #lastBytes = 0;
  /** One batch at a time: the partitions share the columns. */
  #turn: Promise<void> = Promise.resolve();
  readonly #rows = metrics.getMeter("yunwei.ingest").createCounter("yunwei.ingest.rows", { unit: "{row}", description: "Rows stored by table." });

  constructor(options: WriterOptions, tables: SignalTables<Decoding>) {
    this.#options = options;
    this.#tables = tables;
    this.#plan = new BatchPlan(options.store, tables.topic, options.nowMs);
    this.#letters = new DeadLetters(options.bus, options.store, tables.topic, options.logger);
  }

  async start(): Promise<void> {
    const { pressure } = this.#options;
    const limits = () => pressure.batch(this.#lastBytes);
    this.#subscription = await this.#options.bus.subscribe(
      {
        topic: this.#tables.topic,
        groupId: GROUP,
        // Asked before each batch: larger ones where much comes in, or while the engine has too many parts.
        get maxMessages() {
          return limits().messages;
        },
        get maxBytes() {
          return limits().bytes;
        },
        get lingerMs() {
          return limits().lingerMs;
        },
        cut: (partition, first) => this.#plan.cut(partition, first),
      },
      (batch) => this.#inTurn(() => pressure.run(() => this.#store(batch))),
    );
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #store(batch: readonly DeliveredMessage[]): Promise<void> {
    const stem = await this.#plan.note(batch);
    const { partition } = batch[0]!;
    this.#accounts.clear();
    const dead: DeadMessage[] = [];
    const messages = await this.#read(batch, dead);
    await this.#tables.announce(messages);
    let blocks = this.#tables.blocks(messages);
    for (let i = 0; i < blocks.length; i++) {
      const isHalved = await this.#insertOrHalve(messages, blocks[i]!, stem, dead);
      if (isHalved) blocks = this.#tables.blocks(messages); // the columns hold the last half
    }
    for (const block of this.#tables.joined?.(messages, stem) ?? []) await this.#insert(block, stem);
    await this.#tables.settle?.();
    const clockMs = this.#plan.clockMs(partition);
    if (dead.length > 0) await this.#letters.bury(dead, stem, clockMs);
    await this.#close(batch, stem, clockMs);
    this.#plan.finish(batch);
    for (const { decoded } of messages) this.#options.reader.release(decoded);
    this.#lastBytes = batch.reduce((sum, { value }) => sum + value.length, 0);
  }

  async #read(batch: readonly DeliveredMessage[], dead: DeadMessage[]): Promise<StoredMessage[]> {
    const messages: StoredMessage[] = [];
    for (const message of batch) {
      try {
        messages.push(await this.#decode(message));
      } catch (error) {
        if (!(error instanceof YunweiError) || error.retryable) throw error;
        this.#accounts.dead(message.headers);
        dead.push({ message, stage: "decode", error });
      }
    }
    await this.#readAgain(messages);
    for (const { decoded, message } of messages) {
      const { rejected, problem } = decoded;
      this.#accounts.message(message.partition, message.offset, message.headers, { stored: this.#tables.items(decoded), rejected, problem });
    }
    return messages;
  }

  async #decode(message: DeliveredMessage): Promise<StoredMessage> {
    const { headers, value, timestampMs } = message;
    const identity = identityOf(headers, timestampMs);
    const decoded = await this.#options.reader.read(this.#tables.signal, value, headers?.["content-encoding"], identity);
    return { decoded, receivedMs: identity.receivedMs, message };
  }

  /** Where the catalogue has begun anew in the middle of a batch: a batch is of one. */
  async #readAgain(messages: StoredMessage[]): Promise<void> {
    let newest = messages.at(-1)?.decoded.resources;
    while (messages.some(({ decoded }) => decoded.resources !== newest)) {
      for (const [i, { decoded, message }] of messages.entries()) {
        if (decoded.resources === newest) continue;
        messages[i] = await this.#decode(message);
        newest = messages[i]!.decoded.resources;
      }
    }
  }

  /** Stores the block of these messages; where the engine refuses it for good, their halves, so that only the messages at fault are left out. @returns whether it was halved */
  async #insertOrHalve(
    messages: readonly StoredMessage[],
    block: TableBlock & { readonly items: number },
    stem: string,
    dead: DeadMessage[],
  ): Promise<boolean> {
    const { table, items } = block;
    try {
      await this.#insert(block, stem);
      return false;
    } catch (error) {
      if (!(error instanceof YunweiError) || error.retryable) throw error;
      if (messages.length === 1) {
        const { message } = messages[0]!;
        this.#accounts.refused(message.headers, items);
        dead.push({ message, stage: `insert ${table}`, error });
        return false;
      }
      const middle = messages.length >>> 1;
      for (const [half, name] of [
        [messages.slice(0, middle), "a"],
        [messages.slice(middle), "b"],
      ] as const) {
        const own = this.#tables.blocks(half).find((one) => one.table === table)!;
        await this.#insertOrHalve(half, own, `${stem}/${name}`, dead);
      }
      return true;
    }
  }

  async #insert(block: TableBlock, stem: string): Promise<void> {
    const rows = rowsOf(block);
    if (rows === 0) return;
    const { table, columns } = block;
    await this.#options.store.insertNative(table, Object.keys(columns), encodeBlock(columns), { token: `${stem}:${table}` });
    this.#rows.add(rows, { table });
  }

  /** The books of the batch (docs/adr/0007): with its token, after its tables, before its commit. */
  async #close(batch: readonly DeliveredMessage[], stem: string, clockMs: number): Promise<void> {
    const { partition, offset: first } = batch[0]!;
    const { topic } = this.#tables;
    const { rows, differences } = this.#accounts.close({ topic, partition, first, last: batch.at(-1)!.offset, clockMs });
    await this.#options.store.insertRows("ingest_accounting", rows as unknown as Record<string, unknown>[], { token: `${stem}:ingest_accounting` });
    for (const difference of differences) this.#options.logger.error({ topic, ...difference }, "a message holds other items than its gateway has accepted");
  }

  /** Messages not stored yet. */
  async lag(): Promise<number> {
    return (await this.#subscription?.lag()) ?? 0;
  }

  async close(): Promise<void> {
    await this.#subscription?.close();
  }
}

import type { Queryable, State } from "./state.ts";
import type { StateLogger } from "./state-logger.ts";

const BATCH_MESSAGES = 500;
const TICK_MS = 1000;

/** A bus message, by structure: this package knows no bus. */
export interface OutboxMessage {
  readonly key: string;
  readonly value: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The part of a bus that the relay needs. */
export interface Publisher {
  publish(topic: string, messages: readonly OutboxMessage[]): Promise<void>;
}

export interface OutboxOptions {
  readonly state: State;
  readonly bus: Publisher;
  readonly logger: StateLogger;
  /** Name of the service; a relay publishes only the rows of its own producer. */
  readonly producer: string;
}

/**
 * Publishes what transactions decided to say: a message leaves if and only if its transaction committed, at least
 * once, in order of `enqueue` among transactions that do not overlap (so: in order per record). Ids inside the
 * messages make replays no-ops.
 */
export interface Outbox {
  /** Adds messages to the transaction `tx`. */
  enqueue(tx: Queryable, topic: string, messages: readonly OutboxMessage[]): Promise<void>;
  /** Like `State.transaction`, and the relay looks at once when it has committed. */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /** Finishes the batch in hand, then stops; what is left is published by the next start. Idempotent. */
  close(): Promise<void>;
}

/** Starts the relay. Beside being woken it looks every second, for rows of an earlier run or after an outage of the bus. */
export function startOutbox(options: OutboxOptions): Outbox {
  const { state, producer } = options;
  const relay = startRelay(options);
  return {
    enqueue: (tx, topic, messages) => enqueue(tx, producer, topic, messages),
    async transaction(work) {
      const result = await state.transaction(work);
      relay.wake();
      return result;
    },
    close: relay.close,
  };
}

function startRelay(options: OutboxOptions): { wake(): void; close(): Promise<void> } {
  let closed = false;
  let woken = true;
  let endRest: () => void = () => undefined;
  const wake = () => {
    woken = true;
    endRest();
  };
  const rest = async () => {
    if (woken || closed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, TICK_MS);
      endRest = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  };
  const loop = async () => {
    while (!closed) {
      woken = false;
      try {
        if (await relayBatch(options)) continue;
      } catch (error) {
        options.logger.warn({ err: error, producer: options.producer }, "the outbox waits: the bus or the database does not answer");
        woken = false; // no faster than the tick while something is away
      }
      await rest();
    }
  };
  const running = loop();
  const close = async () => {
    closed = true;
    wake();
    await running;
  };
  return { wake, close };
}

async function enqueue(tx: Queryable, producer: string, topic: string, messages: readonly OutboxMessage[]): Promise<void> {
  for (const message of messages) {
    await tx.query("INSERT INTO outbox (producer, topic, key, value, headers) VALUES ($1, $2, $3, $4, $5)", [
      producer,
      topic,
      message.key,
      Buffer.from(message.value),
      JSON.stringify(message.headers ?? {}),
    ]);
  }
}

interface OutboxRow extends Record<string, unknown> {
  readonly outbox_id: string;
  readonly topic: string;
  readonly key: string;
  readonly value: Buffer;
  readonly headers: Record<string, string>;
}

/** @returns whether there was a full batch, so that more may wait */
async function relayBatch({ state, bus, logger, producer }: OutboxOptions): Promise<boolean> {
  const rows = await state.query<OutboxRow>(
    "SELECT outbox_id, topic, key, value, headers FROM outbox WHERE producer = $1 AND refused IS NULL ORDER BY outbox_id LIMIT $2",
    [producer, BATCH_MESSAGES],
  );
  for (const run of runsOfOneTopic(rows)) {
    try {
      await bus.publish(run[0]!.topic, run.map(messageOf));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      await publishOneByOne({ state, bus, logger, producer }, run);
      continue;
    }
    await state.query("DELETE FROM outbox WHERE outbox_id = ANY($1::bigint[])", [run.map((row) => row.outbox_id)]);
  }
  return rows.length === BATCH_MESSAGES;
}

/** One message that can never be published must not hold up the others: it stays, marked, and is told of. */
async function publishOneByOne({ state, bus, logger }: OutboxOptions, rows: readonly OutboxRow[]): Promise<void> {
  for (const row of rows) {
    try {
      await bus.publish(row.topic, [messageOf(row)]);
      await state.query("DELETE FROM outbox WHERE outbox_id = $1", [row.outbox_id]);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      logger.error(
        { err: error, topic: row.topic, key: row.key, valueBytes: row.value.length },
        "the bus refuses a message for good; it stays in table outbox",
      );
      await state.query("UPDATE outbox SET refused = $2 WHERE outbox_id = $1", [row.outbox_id, String((error as { code?: string }).code)]);
    }
  }
}

function isRefusal(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === "YUNWEI_BUS_MESSAGE_TOO_LARGE";
}

function messageOf(row: OutboxRow): OutboxMessage {
  return { key: row.key, value: row.value, headers: row.headers };
}

function runsOfOneTopic(rows: readonly OutboxRow[]): OutboxRow[][] {
  const runs: OutboxRow[][] = [];
  for (const row of rows) {
    const last = runs.at(-1);
    if (last?.[0]?.topic === row.topic) last.push(row);
    else runs.push([row]);
  }
  return runs;
}

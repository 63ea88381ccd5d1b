import { identityOf, RequestReader } from "@yunwei/otlp";
import type { Signal } from "@yunwei/schemas";
import { encodeBlock, type Store } from "@yunwei/store";
import type { RetentionBook } from "../retention/retention-book.ts";
import { logSignal, metricSignal, rowsOf, type SignalTables, spanSignal } from "../writer/signal-tables.ts";
import { type DeadLetter, LETTER_SIGNALS, letterId, refusedTables, replaysDone } from "./dead-letter.ts";

/** What it takes to make rows as the writer makes them. */
export interface RowMaker {
  readonly store: Store;
  /** Which retention class a log gets. */
  readonly retention: RetentionBook;
  readonly nowMs: () => number;
}

const TABLES: Readonly<Record<Signal, (maker: RowMaker) => unknown>> = {
  metrics: ({ store, nowMs }) => metricSignal(store, nowMs),
  traces: ({ store, nowMs }) => spanSignal(store, nowMs),
  logs: ({ store, nowMs, retention }) => logSignal(store, nowMs, retention),
};

/**
 * Stores the rows of a letter in the tables that refused them, and only there: the other tables and the detectors had the message
 * when it came first. With a token of its own for each replay, so that one that was broken off and begun again stores nothing twice.
 * @returns how many rows
 * @throws YunweiError of the decoder or of the store; YUNWEI_STORE_REFUSED when a table refuses them again
 */
export async function storeRefused(letter: DeadLetter, maker: RowMaker): Promise<number> {
  const signal = LETTER_SIGNALS.get(letter.topic)!;
  const identity = identityOf(letter.headers, letter.buriedMs);
  const decoded = await new RequestReader(1).read(signal, letter.value, letter.headers["content-encoding"], identity);
  const blocks = (TABLES[signal](maker) as SignalTables).blocks([{ decoded, receivedMs: identity.receivedMs }]);
  let stored = 0;
  for (const table of refusedTables(letter)) {
    const block = blocks.find((one) => one.table === table);
    if (block === undefined || rowsOf(block) === 0) continue;
    const token = `replay/${letterId(letter)}/${letter.buriedMs}/${replaysDone(letter)}:${table}`;
    await maker.store.insertNative(table, Object.keys(block.columns), encodeBlock(block.columns), { token });
    stored += rowsOf(block);
  }
  return stored;
}

import type { Broker, Connection, ConnectionPool } from "@platformatic/kafka";
import { answered, NoAnswerError } from "../kafka/answered.ts";
import { within } from "../kafka/pause.ts";

/** Shorter than the driver's own limits, and over everything: finding a connection, its login, the answer. */
const ANSWER_LIMIT_MS = 10_000;
const CLOSE_LIMIT_MS = 1_000;

/**
 * Connections of one asker, who gets an answer or an error within a time limit, whatever becomes of them. After a silence they
 * are given up and new ones are made: a link that has swallowed one request may swallow every other.
 */
export class BrokerLine {
  readonly #open: () => ConnectionPool;
  #pool: ConnectionPool;
  #isClosed = false;

  constructor(open: () => ConnectionPool) {
    this.#open = open;
    this.#pool = open();
  }

  /** @throws NoAnswerError after ten seconds, and the driver's errors */
  async ask<T>(broker: Broker, what: string, question: (connection: Connection) => Promise<T>): Promise<T> {
    const pool = this.#pool;
    try {
      return await answered(pool.get(broker).then(question), ANSWER_LIMIT_MS, what);
    } catch (error) {
      if (error instanceof NoAnswerError && pool === this.#pool && !this.#isClosed) {
        this.#pool = this.#open();
        void pool.close().catch(() => undefined);
      }
      throw error;
    }
  }

  /** What is under way fails. A connection closes when its last bytes are sent, which over a dead link is never: not waited for. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await within(this.#pool.close(), CLOSE_LIMIT_MS, new AbortController().signal);
  }
}

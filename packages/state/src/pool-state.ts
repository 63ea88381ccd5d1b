import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import type { Queryable, Row, State } from "./state.ts";
import { stateError, wantsRetry } from "./state-errors.ts";
import type { StateLogger } from "./state-logger.ts";

const MAX_ATTEMPTS = 6; // the first and five more
const FIRST_PAUSE_MS = 5;

/**
 * State on a `pg` pool: what both adapters share.
 * @param close - called once after the pool has ended
 */
export function poolState(pool: pg.Pool, logger: StateLogger, close: () => Promise<void> = async () => undefined): State {
  // An idle connection that breaks must not end the process; the next query opens another.
  pool.on("error", (error) => logger.warn({ err: error }, "an idle PostgreSQL connection broke"));
  let closing: Promise<void> | undefined;
  return {
    async query<R extends Row>(sql: string, parameters?: readonly unknown[]): Promise<R[]> {
      try {
        return rowsOf<R>(await pool.query(sql, parameters as unknown[] | undefined));
      } catch (error) {
        throw stateError(error);
      }
    },
    async transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
      for (let attempt = 1; ; attempt++) {
        try {
          return await runOnce(pool, work);
        } catch (error) {
          if (!wantsRetry(rootOf(error)) || attempt === MAX_ATTEMPTS) throw stateError(error);
          // Jitter, so that two that collided do not collide again in step.
          await sleep(FIRST_PAUSE_MS * 2 ** attempt * (0.5 + Math.random()));
        }
      }
    },
    close() {
      closing ??= pool.end().then(close);
      return closing;
    },
  };
}

async function runOnce<T>(pool: pg.Pool, work: (tx: Queryable) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // Without a listener a connection that dies inside a transaction would end the process.
  const onError = (error: Error) => {
    broken = error;
  };
  client.on("error", onError);
  try {
    await client.query("BEGIN ISOLATION LEVEL SERIALIZABLE");
    const result = await work({
      async query<R extends Row>(sql: string, parameters?: readonly unknown[]): Promise<R[]> {
        try {
          return rowsOf<R>(await client.query(sql, parameters as unknown[] | undefined));
        } catch (error) {
          throw stateError(error);
        }
      },
    });
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch((cause: Error) => {
      broken = cause;
    });
    throw error;
  } finally {
    client.off("error", onError);
    client.release(broken);
  }
}

/** Errors met inside `work` come translated: the retry question is for what the engine said. */
function rootOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined && wantsRetry(error.cause) ? error.cause : error;
}

/** Several statements in one text give several results; the last one counts. */
function rowsOf<R extends Row>(result: pg.QueryResult | pg.QueryResult[]): R[] {
  const last = Array.isArray(result) ? result.at(-1) : result;
  return (last?.rows ?? []) as R[];
}

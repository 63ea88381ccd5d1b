import pg from "pg";
import { poolState } from "./pool-state.ts";
import type { State } from "./state.ts";
import { stateError } from "./state-errors.ts";
import type { StateLogger } from "./state-logger.ts";

const CONNECT_TIMEOUT_MS = 10_000;

export interface ServerStateOptions {
  /** `postgresql://user:password@host:port/database`, or with `?host=/folder` for a Unix socket. */
  readonly url: string;
  readonly logger: StateLogger;
  /** Connections at most; default 10. */
  readonly maxConnections?: number;
}

/**
 * State on a PostgreSQL server (or one that speaks its protocol).
 * @throws YunweiError YUNWEI_STATE_UNAVAILABLE when it does not answer within 10 s, YUNWEI_ENGINE_FAILED when it refuses us
 */
export async function openServerState(options: ServerStateOptions): Promise<State> {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    application_name: "yunwei",
    options: "-c timezone=UTC",
  });
  const state = poolState(pool, options.logger);
  try {
    await state.query("SELECT 1");
  } catch (error) {
    await state.close();
    throw stateError(error);
  }
  return state;
}

/** A row of PostgreSQL as `pg` gives it: bigint and numeric as strings, timestamptz as Date, jsonb parsed. */
export type Row = Record<string, unknown>;

/** What runs inside and outside a transaction alike. `$1`-style parameters only; never paste values into SQL. */
export interface Queryable {
  query<R extends Row = Row>(sql: string, parameters?: readonly unknown[]): Promise<R[]>;
}

/** Process state in PostgreSQL (embedded or a server). @throws YunweiError-like errors with `code` YUNWEI_STATE_UNAVAILABLE (retry) or YUNWEI_CONFLICT */
export interface State extends Queryable {
  /** Runs `work` in one SERIALIZABLE transaction, again (at most 5 times) when the engine asks for it; so `work` must be free of other effects. */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

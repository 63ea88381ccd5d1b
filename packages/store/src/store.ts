/** Values of `{name:Type}` placeholders; bound by the engine, never pasted into SQL. */
export type QueryParameters = Readonly<Record<string, string | number | boolean | readonly string[] | readonly number[]>>;

export interface InsertOptions {
  /** Deduplication token: the same token inserts once, also through views. Derived from topic, partition, offsets and table. */
  readonly token?: string;
}

/**
 * The telemetry store: embedded ClickHouse or a server. Reads run beside writes.
 * @throws YunweiError-like errors with `code` YUNWEI_STORE_UNAVAILABLE (retry) or YUNWEI_STORE_REFUSED (do not)
 */
export interface Store {
  /** Rows as objects. 64-bit integers arrive as strings; ask for `toString(x)` or `hex(x)` to be plain about it. */
  query<Row = Record<string, unknown>>(sql: string, parameters?: QueryParameters): Promise<Row[]>;
  /** DDL and other statements without a result. Never pass outside text in `sql`. */
  command(sql: string, parameters?: QueryParameters): Promise<void>;
  /**
   * One block in ClickHouse Native format, in pieces (encodeBlock), whose columns are `columns`, in that order. The pieces must stay as they are until it resolves. Durable when resolved. YUNWEI_STORE_REFUSED means
   * that the rows are at fault; a table, column or right that is missing is YUNWEI_STORE_UNAVAILABLE: no row is to blame for it.
   */
  insertNative(table: string, columns: readonly string[], block: readonly Uint8Array[], options?: InsertOptions): Promise<void>;
  /** A few rows as objects (column -> value): for small tables, not for telemetry. Durable when resolved. */
  insertRows(table: string, rows: readonly Readonly<Record<string, unknown>>[], options?: InsertOptions): Promise<void>;
  close(): Promise<void>;
}

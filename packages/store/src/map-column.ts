import { DictionaryColumn } from "./dictionary-column.ts";
import { FixedColumn } from "./fixed-column.ts";
import type { NativeColumn } from "./native-column.ts";
import { StringColumn } from "./string-column.ts";

/** Map(LowCardinality(String), String): push pairs into `keys` and `values`, then `end()` the row. */
export class MapColumn implements NativeColumn {
  readonly type = "Map(LowCardinality(String), String)";
  readonly keys = new DictionaryColumn();
  readonly values = new StringColumn();
  readonly #offsets = new FixedColumn("UInt64", 8);

  get rows(): number {
    return this.#offsets.rows;
  }

  end(): void {
    this.#offsets.i64(this.keys.rows);
  }

  map(pairs: ReadonlyMap<string, string>): void {
    for (const [key, value] of pairs) {
      this.keys.text(key);
      this.values.text(value);
    }
    this.end();
  }

  pieces(): Uint8Array[] {
    return [this.keys.prefix(), ...this.#offsets.pieces(), ...this.keys.body(), ...this.values.pieces()];
  }

  clear(): void {
    this.#offsets.clear();
    this.keys.clear();
    this.values.clear();
  }
}

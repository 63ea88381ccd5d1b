import type { NativeColumn } from "./native-column.ts";

/** A column whose values stand in a typed array already, in ClickHouse's own layout (little endian, as Node's machines are). */
export class TypedColumn implements NativeColumn {
  readonly type: string;
  readonly rows: number;
  readonly #bytes: Uint8Array;

  /** @param values - used, not copied: unchanged until the block is encoded. @param rows - how many of it; a value may take several elements (two lanes of a UInt64) */
  constructor(type: string, values: ArrayBufferView, rows: number, bytesPerRow: number) {
    this.type = type;
    this.rows = rows;
    this.#bytes = new Uint8Array(values.buffer, values.byteOffset, rows * bytesPerRow);
  }

  pieces(): Uint8Array[] {
    return [this.#bytes];
  }

  clear(): void {
    // of one block only
  }
}

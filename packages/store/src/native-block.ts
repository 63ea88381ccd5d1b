import type { NativeColumn } from "./native-column.ts";

/*
 * ClickHouse Native format, one block (clickhouse.com/docs/interfaces/formats/Native):
 *   varint columns, varint rows, then per column: name (varint length, bytes), type (the same), data
 *   data: fixed-width values back to back, little endian; String = varint length + bytes each;
 *   Array(T) = u64 end offset of each row, then the elements; Map(K,V) = Array of the pairs: offsets, all keys, all values;
 *   Nullable(T) = one byte a row (1 = null), then the values
 */

const encoder = new TextEncoder();

/**
 * The block as pieces of bytes, in order: most of them are views of the columns, valid until these are cleared or grow. A copy of
 * tens of megabytes a batch is more than the insert of it can do without. Precondition, checked: every column has the same number of rows.
 */
export function encodeBlock(columns: Readonly<Record<string, NativeColumn>>): Uint8Array[] {
  const entries = Object.entries(columns);
  const rows = entries[0]?.[1].rows ?? 0;
  const pieces: Uint8Array[] = [varint(entries.length), varint(rows)];
  for (const [name, column] of entries) {
    if (column.rows !== rows) throw new RangeError(`column ${name} has ${column.rows} rows, ${rows} are wanted`);
    for (const text of [name, column.type]) {
      const bytes = encoder.encode(text);
      pieces.push(varint(bytes.length), bytes);
    }
    pieces.push(...column.pieces());
  }
  return pieces;
}

function varint(value: number): Uint8Array {
  const out: number[] = [];
  let rest = value;
  while (rest > 127) {
    out.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
  return Uint8Array.from(out);
}

/** One column of a block being built. */
export interface NativeColumn {
  readonly type: string;
  readonly rows: number;
  /** The data as pieces, in order; views, valid until the column is cleared or grows. */
  pieces(): Uint8Array[];
  clear(): void;
}

/** A column begins with this much. */
export const FIRST_BYTES = 4096;

/** The same bytes with room for `needed` at least. */
export function grown(bytes: Uint8Array<ArrayBuffer>, needed: number): Uint8Array<ArrayBuffer> {
  let size = bytes.length * 2;
  while (size < needed) size *= 2;
  const wide = new Uint8Array(size);
  wide.set(bytes);
  return wide;
}

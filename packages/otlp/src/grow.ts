type Growable = Float64Array | Int32Array | Uint32Array | Uint8Array | BigUint64Array;

/** An array of at least `length` and of twice the length at least, that begins with the content of `old`. */
export function wider<T extends Growable>(old: T, length = 0): T {
  const wide = new (old.constructor as new (length: number) => T)(Math.max(length, 2 * old.length));
  (wide as Float64Array).set(old as Float64Array);
  return wide;
}

/** Replaces every typed array of `columns` by one of at least twice the length, its content kept. For columns whose arrays all have one length. */
export function growColumns(columns: object, length: number): void {
  const record = columns as Record<string, unknown>;
  for (const [name, column] of Object.entries(record)) {
    if (!ArrayBuffer.isView(column)) continue;
    const old = column as Growable;
    if (old.length < length) record[name] = wider(old, length);
  }
}

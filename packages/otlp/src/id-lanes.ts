import type { Wire } from "./wire.ts";

/** A column of 64-bit ids as 32-bit lanes, two a row, low first: the same bytes (little-endian machines, as Node's are), no BigInt an id. */
export function lanesIn(ids: BigUint64Array): Uint32Array {
  return new Uint32Array(ids.buffer, ids.byteOffset, 2 * ids.length);
}

/** Takes the eight bytes at `at`, most significant first, as the id of a row. */
export function takeId(lanes: Uint32Array, row: number, wire: Wire, at: number): void {
  lanes[2 * row + 1] = wire.view.getUint32(at, false);
  lanes[2 * row] = wire.view.getUint32(at + 4, false);
}

export function clearId(lanes: Uint32Array, row: number): void {
  lanes[2 * row] = 0;
  lanes[2 * row + 1] = 0;
}

export function isZeroId(lanes: Uint32Array, row: number): boolean {
  return lanes[2 * row] === 0 && lanes[2 * row + 1] === 0;
}

/** The first field of `[start, end)` that has another tag, or a length of more than two bytes. Only skips: who reads the fields checks them. */
export function behindFields(bytes: Uint8Array, tag: number, start: number, end: number): number {
  let pos = start;
  while (end - pos > 2 && bytes[pos] === tag) {
    const low = bytes[pos + 1]!;
    const high = bytes[pos + 2]!;
    const next = low < 0x80 ? pos + 2 + low : high < 0x80 ? pos + 3 + ((low & 0x7f) | (high << 7)) : end + 1;
    if (next > end) return pos;
    pos = next;
  }
  return pos;
}

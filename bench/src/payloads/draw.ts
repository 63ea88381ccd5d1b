/** A whole number from 0 to `below` - 1. */
export function drawInt(random: () => number, below: number): number {
  return Math.floor(random() * below);
}

/** One of a list that is not empty. */
export function drawFrom<T>(random: () => number, list: readonly T[]): T {
  return list[drawInt(random, list.length)]!;
}

/** Lower-case hexadecimal digits. */
export function drawHex(random: () => number, digits: number): string {
  let text = "";
  for (let left = digits; left > 0; left -= 8) {
    text += drawInt(random, 2 ** 32)
      .toString(16)
      .padStart(8, "0")
      .slice(0, left);
  }
  return text;
}

/** Bytes of an id: never all zero, which would be "no id". */
export function drawId(random: () => number, length: number): Uint8Array {
  const id = new Uint8Array(length);
  for (let i = 0; i < length; i++) id[i] = 1 + drawInt(random, 255);
  return id;
}

/** A UUID of version 4. */
export function drawUuid(random: () => number): string {
  const hex = drawHex(random, 32);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

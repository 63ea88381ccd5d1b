const ZERO = 0x30;
const HEX_DIGITS = new TextEncoder().encode("0123456789abcdef");

/** How many decimal digits a whole number has; 1 for 0. */
export function digitsOf(value: number): number {
  let digits = 1;
  for (let bound = 10; value >= bound; bound *= 10) digits++;
  return digits;
}

/** Writes a whole number from 0 to 2^53 as so many decimal digits, zeros in front. @returns the place behind them */
export function putDigits(bytes: Uint8Array, at: number, value: number, digits: number): number {
  let rest = value;
  for (let place = at + digits - 1; place >= at; place--) {
    const tenth = Math.floor(rest / 10);
    bytes[place] = ZERO + (rest - 10 * tenth);
    rest = tenth;
  }
  return at + digits;
}

/** Writes bytes as lower-case hexadecimal digits, two each. @returns the place behind them */
export function putHex(bytes: Uint8Array, at: number, from: Uint8Array, start: number, end: number): number {
  let place = at;
  for (let i = start; i < end; i++) {
    bytes[place++] = HEX_DIGITS[from[i]! >> 4]!;
    bytes[place++] = HEX_DIGITS[from[i]! & 15]!;
  }
  return place;
}

/*
 * TWAMP in unauthenticated mode. Test packet (RFC 4656 §4.1.2), and its reflection (RFC 5357 §4.2.1):
 *   0 sequence number, 4 timestamp, 12 error estimate, 14 padding
 *   0 sequence number, 4 timestamp, 12 error estimate, 14 zero, 16 receive timestamp, 24 sender's sequence number,
 *   28 sender's timestamp, 36 sender's error estimate, 38 zero, 40 sender's TTL, 41 padding
 * Timestamps are NTP's (RFC 5905 §6): seconds since 1900 modulo 2^32, and 2^-32 seconds.
 */

/** A test packet is padded to the length of its reflection (RFC 5357 §4.1.2). */
export const PACKET_BYTES = 41;
const NTP_EPOCH_S = 2_208_988_800;
const FRACTION = 4_294_967_296;
/** S = 0 (our clock may not be synchronised), Z = 0 (NTP format), 1 x 2^22 x 2^-32 s: about a millisecond. */
const ERROR_ESTIMATE = 0x1601;
/** RFC 5357 §4.2.1: the value when the TTL cannot be read. */
const TTL_UNKNOWN = 255;
const MAX_ECHO_BYTES = 1_500;

/** What the sender finds in a reflection. */
export interface Reflection {
  readonly sequence: number;
  /** The sender's own timestamp, as it was sent. */
  readonly stamp: bigint;
  /** How long the reflector had the packet, milliseconds by its own clock; may be nonsense. */
  readonly heldMs: number;
}

/** A test packet. @param unixMs - with a fraction. @returns the packet; its timestamp is `stampOf` it */
export function testPacket(sequence: number, unixMs: number): Buffer {
  const packet = Buffer.alloc(PACKET_BYTES);
  packet.writeUInt32BE(sequence, 0);
  writeTime(packet, 4, unixMs);
  packet.writeUInt16BE(ERROR_ESTIMATE, 12);
  return packet;
}

/** The timestamp of a test packet, for comparison with what comes back. */
export function stampOf(packet: Buffer): bigint {
  return packet.readBigUInt64BE(4);
}

/**
 * The answer to a test packet: as long as it, never longer, so that nobody is amplified. It repeats the sender's sequence
 * number as its own, for a reflector of TWAMP light keeps no sessions (RFC 5357 appendix I).
 * @returns undefined for what is too short or too long
 */
export function reflectionOf(packet: Uint8Array, receivedMs: number, sentMs: number): Buffer | undefined {
  if (packet.length < PACKET_BYTES || packet.length > MAX_ECHO_BYTES) return undefined;
  const answer = Buffer.alloc(packet.length);
  answer.set(packet.subarray(0, 4), 0);
  writeTime(answer, 4, sentMs);
  answer.writeUInt16BE(ERROR_ESTIMATE, 12);
  writeTime(answer, 16, receivedMs);
  answer.set(packet.subarray(0, 14), 24);
  answer[40] = TTL_UNKNOWN;
  return answer;
}

/** Reads a reflection; undefined when it is too short to be one. */
export function readReflection(bytes: Uint8Array): Reflection | undefined {
  if (bytes.length < PACKET_BYTES) return undefined;
  const packet = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Signed, so that it is small on either side of the turn of NTP's era.
  const held = BigInt.asIntN(64, packet.readBigUInt64BE(4) - packet.readBigUInt64BE(16));
  return { sequence: packet.readUInt32BE(24), stamp: packet.readBigUInt64BE(28), heldMs: (Number(held) / FRACTION) * 1000 };
}

function writeTime(packet: Buffer, at: number, unixMs: number): void {
  const seconds = Math.floor(unixMs / 1000);
  packet.writeUInt32BE((seconds + NTP_EPOCH_S) % FRACTION, at);
  packet.writeUInt32BE(Math.floor(((unixMs - seconds * 1000) / 1000) * FRACTION), at + 4);
}

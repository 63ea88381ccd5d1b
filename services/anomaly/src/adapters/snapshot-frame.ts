import { crc32 } from "node:zlib";
import { YunweiError } from "@yunwei/schemas";
import type { SnapshotPiece } from "../domain/snapshot.ts";

/*
 * file   = frame*
 * frame  = magic u32 "YWS1" | jsonBytes u32 | recordBytes u32 | crc u32 over both | json | records        (little-endian)
 * json   = a SnapshotPiece without its records, UTF-8; records are doubles as in memory
 */
const MAGIC = 0x31535759;
const HEADER_BYTES = 16;
/** A frame holds at most 1,024 series: this is far more than they need. */
const MAX_FRAME_BYTES = 256 * 1024 * 1024;

/** One piece as a frame. */
export function encodeFrame(piece: SnapshotPiece): Uint8Array {
  const { records, ...rest } = piece.kind === "series" ? piece : { ...piece, records: new Float64Array(0) };
  const json = new TextEncoder().encode(JSON.stringify(rest));
  const bytes = new Uint8Array(records.buffer, records.byteOffset, records.byteLength);
  const frame = new Uint8Array(HEADER_BYTES + json.length + bytes.length);
  frame.set(json, HEADER_BYTES);
  frame.set(bytes, HEADER_BYTES + json.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, json.length, true);
  view.setUint32(8, bytes.length, true);
  view.setUint32(12, crc32(frame.subarray(HEADER_BYTES)), true);
  return frame;
}

/** All pieces of a file. @throws YunweiError YUNWEI_DATA_FOLDER_CORRUPT naming the byte where it stops making sense */
export function decodeFrames(file: Uint8Array): SnapshotPiece[] {
  const pieces: SnapshotPiece[] = [];
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let at = 0;
  while (at < file.length) {
    if (at + HEADER_BYTES > file.length || view.getUint32(at, true) !== MAGIC) throw corrupt(at, "no frame begins there");
    const jsonBytes = view.getUint32(at + 4, true);
    const recordBytes = view.getUint32(at + 8, true);
    const end = at + HEADER_BYTES + jsonBytes + recordBytes;
    if (jsonBytes + recordBytes > MAX_FRAME_BYTES || end > file.length || recordBytes % 8 !== 0) throw corrupt(at, "the frame is cut off");
    const body = file.subarray(at + HEADER_BYTES, end);
    if (crc32(body) !== view.getUint32(at + 12, true)) throw corrupt(at, "the checksum is wrong");
    const piece = JSON.parse(new TextDecoder().decode(body.subarray(0, jsonBytes))) as SnapshotPiece;
    // A copy at an offset that doubles may have; `slice` of a Buffer would be a view into its pool.
    const records = new Float64Array(Uint8Array.from(body.subarray(jsonBytes)).buffer);
    pieces.push(piece.kind === "series" ? { ...piece, records } : piece);
    at = end;
  }
  return pieces;
}

function corrupt(at: number, why: string): YunweiError {
  return new YunweiError("YUNWEI_DATA_FOLDER_CORRUPT", `the detector's snapshot is damaged at byte ${at}: ${why}`);
}

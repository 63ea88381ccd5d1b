import { inflateBody } from "@yunwei/otlp";
import type { Signal } from "@yunwei/schemas";
import type { BadPiece, ImportPiece, Place, ReadPieces } from "./import-piece.ts";
import { signalOfJson } from "./json-lines.ts";

/*
 * The Collector's file exporter with `format: proto`, or with a compression: frames of
 *   length uint32, big endian; then so many bytes: an Export request in protobuf (or JSON), each compressed by itself
 */

const LENGTH_BYTES = 4;
const MAX_FRAME_BYTES = 64 * 1024 * 1024;
/** Frame magic of Zstandard (RFC 8878 §3.1.1). */
const ZSTD_MAGIC = 0x28b52ffd;
const BRACE = 0x7b;

/** Frames of length and content. @param signal - of protobuf content, which does not tell; undefined = such a file is refused */
export function readFrames(signal: Signal | undefined): ReadPieces {
  return async function* (chunks, from) {
    let held = Buffer.alloc(0);
    const waiting: Buffer[] = [];
    let waitingBytes = 0;
    let at = from;
    let needed = LENGTH_BYTES;
    for await (const chunk of chunks) {
      waiting.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      waitingBytes += chunk.length;
      if (held.length + waitingBytes < needed) continue;
      held = Buffer.concat([held, ...waiting.splice(0)]);
      waitingBytes = 0;
      for (needed = neededBytes(held); held.length >= needed; needed = neededBytes(held)) {
        const length = held.readUInt32BE(0);
        if (length > MAX_FRAME_BYTES) {
          yield bad(at, at, `a frame of ${length} bytes cannot be: this is no file of length-prefixed messages, or it is damaged here`);
          return;
        }
        const next = { offset: at.offset + needed, number: at.number + 1 };
        yield await pieceOf(held.subarray(LENGTH_BYTES, needed), signal, at, next);
        held = held.subarray(needed);
        at = next;
      }
    }
    const rest = held.length + waitingBytes;
    if (rest > 0) yield bad(at, at, `the file ends ${rest} bytes into a frame of ${needed}: when more of it is there, import it again to go on here`);
  };
}

/** Bytes that must be there before a frame can be taken. */
function neededBytes(held: Buffer): number {
  if (held.length < LENGTH_BYTES) return LENGTH_BYTES;
  const length = held.readUInt32BE(0);
  // One that cannot be is told of at once.
  return length > MAX_FRAME_BYTES ? LENGTH_BYTES : LENGTH_BYTES + length;
}

async function pieceOf(content: Buffer, signal: Signal | undefined, from: Place, next: Place): Promise<ImportPiece | BadPiece> {
  let body: Buffer = content;
  if (content.length >= LENGTH_BYTES && content.readUInt32BE(0) === ZSTD_MAGIC) {
    try {
      body = Buffer.from(await inflateBody(content, "zstd", MAX_FRAME_BYTES));
    } catch (error) {
      return bad(from, next, error instanceof Error ? error.message : String(error));
    }
  }
  const isJson = body[0] === BRACE;
  const found = isJson ? signalOfJson(body) : signal;
  if (found !== undefined) return { kind: "request", signal: found, encoding: isJson ? "json" : "protobuf", body, from, next };
  return bad(from, next, isJson ? "not an OTLP/JSON Export request" : "protobuf does not tell its signal: say --signal metrics, traces or logs");
}

function bad(from: Place, next: Place, problem: string): BadPiece {
  return { kind: "bad", problem, from, next };
}

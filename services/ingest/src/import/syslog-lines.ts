import { LogRequestWriter } from "@yunwei/otlp";
import { type Sender, senderResource } from "../log-door/peer-book.ts";
import type { ZoneClock } from "../log-door/zone-clock.ts";
import { decodeText } from "../syslog/decode-text.ts";
import { parseSyslog } from "../syslog/parse-syslog.ts";
import { syslogLog } from "../syslog/syslog-log.ts";
import type { ImportPiece, Place, ReadPieces } from "./import-piece.ts";
import { readLines } from "./read-lines.ts";

const MAX_LINE_BYTES = 64 * 1024;
const MAX_LINES = 1_000;
const MAX_REQUEST_BYTES = 16 * 1024 * 1024;
/** Of text, before a request is closed. */
const FULL_BYTES = 256 * 1024;
const CR = 0x0d;

/**
 * A text file of syslog lines, with or without PRI, as /var/log has them.
 * @param hostname - of lines that name none. @param writtenMs - when the file was written last: tells the year of times without one
 */
export function readSyslogLines(zone: ZoneClock, hostname: string, writtenMs: number): ReadPieces {
  const sender: Sender = { token: { id: "", sha256: "" }, kind: "host", name: undefined, zone };
  return async function* (chunks, from) {
    const writer = new LogRequestWriter("yunwei.syslog", MAX_REQUEST_BYTES);
    let start = from;
    let end = from;
    let bytes = 0;
    const request = (): ImportPiece => {
      const piece = { kind: "request", signal: "logs", encoding: "protobuf", body: writer.end(), from: start, next: end } as const;
      start = end;
      bytes = 0;
      return piece;
    };
    for await (const { bytes: line, cutBytes, next } of readLines(chunks, from, MAX_LINE_BYTES)) {
      end = next;
      const text = line.at(-1) === CR ? line.subarray(0, -1) : line;
      if (text.length > 0) {
        const message = parseSyslog(decodeText(text), zone, writtenMs);
        const log = syslogLog(message, { sender, peer: hostname, receivedMs: writtenMs, isCut: cutBytes > 0 });
        writer.add(senderResource(sender, message.hostname, hostname), log);
        bytes += text.length;
      }
      if (writer.count >= MAX_LINES || bytes >= FULL_BYTES) yield request();
    }
    if (writer.count > 0) yield request();
  };
}

/** Where a file begins. */
export const BEGINNING: Place = { offset: 0, number: 1 };

import type { RecordSink } from "./record-sink.ts";
import { bytesFieldSize, WireBuffer } from "./wire-buffer.ts";

/** OTLP severity numbers and their usual texts. */
const LOG_LEVEL = {
  info: { number: 9, text: "INFO" },
  warn: { number: 13, text: "WARN" },
  error: { number: 17, text: "ERROR" },
} as const;
export type LogLevel = keyof typeof LOG_LEVEL;

const encoder = new TextEncoder();
const scratch = new WireBuffer(1024);

/**
 * Appends one log record. Time in Unix milliseconds.
 * @param trace - four words of the trace id and, behind them, two of the span id; undefined = not in a request
 */
export function writeLog(sink: RecordSink, level: LogLevel, timeMs: number, body: string, trace?: Uint32Array): void {
  const { number, text } = LOG_LEVEL[level];
  const line = encoder.encode(body);
  scratch.clear();
  scratch.unixNanoField(1, timeMs);
  scratch.varintField(2, number);
  scratch.stringField(3, text);
  scratch.bytesHeader(5, bytesFieldSize(line.length));
  scratch.bytesField(1, line);
  if (trace !== undefined) {
    scratch.idField(9, trace, 0, 4);
    scratch.idField(10, trace, 4, 2);
  }
  scratch.unixNanoField(11, timeMs);
  sink.buffer.bytesHeader(2, scratch.length);
  sink.buffer.raw(scratch.bytes, 0, scratch.length);
  sink.recordDone();
}

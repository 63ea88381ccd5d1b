import { type LogLevel, type RecordSink, writeLog } from "../otlp-writer/index.ts";

/** Log lines that one process writes in a step at most, by level: loggers limit themselves, and so do we. */
const LIMIT: Readonly<Record<LogLevel, number>> = { info: 12, warn: 12, error: 25 };
const LEVELS: readonly LogLevel[] = ["info", "warn", "error"];

/** The log lines of a step, by source (instances first, then machines). */
export class LogBook {
  readonly sinks: readonly RecordSink[];
  private readonly written: Uint8Array;

  constructor(sinks: readonly RecordSink[]) {
    this.sinks = sinks;
    this.written = new Uint8Array(sinks.length * LEVELS.length);
  }

  beginStep(): void {
    this.written.fill(0);
  }

  /** Whether one more line of that level would be written: asked before an expensive line is composed. */
  wants(source: number, level: LogLevel): boolean {
    return this.written[source * LEVELS.length + LEVELS.indexOf(level)]! < LIMIT[level];
  }

  /**
   * @param timeMs - by the clock of the source's site, Unix milliseconds
   * @param trace - trace id (4 words) and span id (2 words)
   */
  write(source: number, level: LogLevel, timeMs: number, line: string, trace?: Uint32Array): void {
    if (!this.wants(source, level)) return;
    this.written[source * LEVELS.length + LEVELS.indexOf(level)]!++;
    writeLog(this.sinks[source]!, level, timeMs, line, trace);
  }
}

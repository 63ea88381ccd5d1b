import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { ReplayPhase, ReplayRequest } from "../replay-source.ts";
import { mergeRecording } from "./merge-recording.ts";
import { shiftedBytes } from "./otlp-line.ts";
import { recordingFiles } from "./recording-files.ts";
import type { ReplayPosition } from "./replay-position.ts";
import { type ScannedFile, scanFile } from "./scan-recording.ts";

const gzipAsync = promisify(gzip);
/** Larger bodies are compressed: the gateway takes 16 MiB over the wire. */
const COMPRESS_OVER_BYTES = 1024 * 1024;

export interface RecordingOptions {
  readonly path: string;
  readonly nowMs: number;
  /** The newest item is moved to so long before now; undefined = times stay. */
  readonly marginMs: number | undefined;
  /** Of an earlier run that is to go on. */
  readonly position: ReplayPosition | undefined;
  readonly tell: (line: string) => void;
}

/** Export requests in files, ready to be fed. */
export class Recording {
  readonly path: string;
  readonly files: readonly ScannedFile[];
  readonly shiftMs: number;
  readonly requests: number;
  readonly badLines: number;
  /** Event time of its oldest and newest item as they are sent, Unix ms. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly #nowMs: number;
  readonly #lines: Map<string, number>;

  private constructor({ path, nowMs, marginMs, position }: RecordingOptions, files: readonly ScannedFile[]) {
    const timed = files.filter((file) => !Number.isNaN(file.newestMs));
    const newestMs = Math.max(...timed.map((file) => file.newestMs));
    this.path = path;
    this.files = files;
    this.requests = files.reduce((sum, file) => sum + file.requests, 0);
    this.badLines = files.reduce((sum, file) => sum + file.badLines, 0);
    this.shiftMs = position?.shiftMs ?? (marginMs === undefined || timed.length === 0 ? 0 : Math.floor(nowMs - marginMs - newestMs));
    this.fromMs = Math.min(...timed.map((file) => file.oldestMs)) + this.shiftMs;
    this.toMs = newestMs + this.shiftMs;
    this.#nowMs = nowMs;
    this.#lines = new Map(Object.entries(position?.lines ?? {}));
  }

  /** Reads all files once. @throws Error when there is nothing that can be sent */
  static async open(options: RecordingOptions): Promise<Recording> {
    const files: ScannedFile[] = [];
    for (const file of await recordingFiles(options.path)) files.push(await scanFile(file, options.nowMs, options.tell));
    const recording = new Recording(options, files);
    if (files.length === 0) throw new Error(`${options.path} has no .json, .jsonl or .ndjson files (also .gz)`);
    if (recording.requests === 0) throw new Error(`${options.path} has no OTLP JSON line that can be sent`);
    return recording;
  }

  /** The whole recording as one phase; what was acknowledged before is left out. */
  phase(): ReplayPhase {
    const { fromMs, toMs } = this;
    return { name: "recording", requests: this.#read(), fromMs, toMs, mostSpeed: undefined };
  }

  /** How far it has been acknowledged. */
  position(): ReplayPosition {
    return { recording: this.path, shiftMs: this.shiftMs, lines: Object.fromEntries(this.#lines) };
  }

  async *#read(): AsyncGenerator<ReplayRequest> {
    const after = (file: ScannedFile): number => this.#lines.get(file.name) ?? 0;
    for await (const { file, line, signal, timeMs, value } of mergeRecording(this.files, { nowMs: this.#nowMs, after })) {
      const plain = shiftedBytes({ value }, this.shiftMs);
      const large = plain.length > COMPRESS_OVER_BYTES;
      yield {
        signal,
        timeMs: Number.isNaN(timeMs) ? this.fromMs : timeMs + this.shiftMs,
        encoding: "json",
        body: large ? await gzipAsync(plain) : plain,
        ...(large ? { compression: "gzip" as const } : {}),
        origin: `${file.name} line ${line}`,
        acknowledged: () => this.#lines.set(file.name, line),
      };
    }
  }
}

import { stat } from "node:fs/promises";
import { ZoneClock } from "../log-door/zone-clock.ts";
import { Checkpoint, type Progress } from "./checkpoint.ts";
import { readFrames } from "./frames.ts";
import type { ImportOptions } from "./import-options.ts";
import type { BadPiece, ImportPiece, Place, ReadPieces } from "./import-piece.ts";
import { readJsonLines } from "./json-lines.ts";
import { formatOf, type ImportFormat, isGzipFile, plainBytes } from "./open-input.ts";
import { type Answer, type Gateway, sendPiece } from "./send-piece.ts";
import { signalOfName } from "./signal-of-name.ts";
import { BEGINNING, readSyslogLines } from "./syslog-lines.ts";

export interface ImportContext {
  readonly gateway: Gateway;
  /** Given: the request in hand is finished, then no more are sent. */
  readonly stop: AbortSignal;
  /** Host of syslog lines that name none. */
  readonly hostname: string;
  /** A line that stays. */
  readonly tell: (line: string) => void;
  /** What is going on; overwritten by the next. */
  readonly progress: (found: FileProgress) => void;
}

/** How far a file is. */
export interface FileProgress {
  readonly path: string;
  /** Bytes of plain content that are acknowledged. */
  readonly bytes: number;
  /** Those that were when this run began. */
  readonly startBytes: number;
  /** Of the file; undefined when it is compressed, and the plain size not known. */
  readonly sizeBytes: number | undefined;
  readonly requests: number;
  readonly refused: number;
  /** Why the gateway has to be asked again; "" while it takes. */
  readonly waiting: string;
}

/** Refusals told one by one; further ones are counted. */
const MOST_TOLD = 20;

/**
 * Sends a file, one request after the other, and notes after each how far it is. What the gateway would not have, and what
 * is no telemetry, is told with its place and left out.
 * @returns how many items and pieces were left out, by this run and those before
 * @throws Error when the gateway or the file cannot be had; what is noted then is what is acknowledged
 */
export async function importFile(path: string, options: ImportOptions, context: ImportContext): Promise<number> {
  const { checkpoint, progress } = await Checkpoint.of(path, options.checkpointOf(path));
  const isGzip = await isGzipFile(path);
  const { size } = await stat(path);
  const format = options.format ?? (await formatOf(path, isGzip));
  const from = progress ?? { place: BEGINNING, refused: 0 };
  const file = new FileImport(path, format, isGzip ? undefined : size, from, checkpoint, context);
  if (progress !== undefined) context.tell(`${path}: goes on at ${file.unit} ${from.place.number} (byte ${from.place.offset})`);
  const read = await readerOf(path, format, options, context);
  for await (const piece of read(plainBytes(path, isGzip, from.place.offset), from.place)) {
    if (context.stop.aborted) break;
    await file.take(piece);
  }
  return file.refused;
}

/** A file on its way. */
class FileImport {
  /** What its places are counted in. */
  readonly unit: "line" | "frame";
  readonly #path: string;
  readonly #sizeBytes: number | undefined;
  readonly #startBytes: number;
  readonly #checkpoint: Checkpoint;
  readonly #context: ImportContext;
  #at: Progress;
  #requests = 0;
  #told = 0;
  /** Pieces that the file ends in, or that nothing can be found behind: the next run looks at them again. */
  #unfinished = 0;

  constructor(path: string, format: ImportFormat, sizeBytes: number | undefined, from: Progress, checkpoint: Checkpoint, context: ImportContext) {
    this.unit = format === "otlp-proto" ? "frame" : "line";
    this.#path = path;
    this.#sizeBytes = sizeBytes;
    this.#startBytes = from.place.offset;
    this.#checkpoint = checkpoint;
    this.#context = context;
    this.#at = from;
  }

  get refused(): number {
    return this.#at.refused + this.#unfinished;
  }

  /** Sends a piece, tells what is wrong with it, and notes that it is done. */
  async take(piece: ImportPiece | BadPiece): Promise<void> {
    const { next, from } = piece;
    const answer = await this.#send(piece);
    const left = answer.kind === "refused" ? 1 : answer.rejected;
    if (left > 0) this.#complain(from, answer.kind === "refused" ? answer.problem : `${left} item(s) left out: ${answer.problem}`);
    if (next.offset === from.offset) this.#unfinished++;
    else {
      this.#at = { place: next, refused: this.#at.refused + left };
      await this.#checkpoint.save(this.#at);
    }
    this.#show("");
  }

  async #send(piece: ImportPiece | BadPiece): Promise<Answer> {
    if (piece.kind === "bad") return { kind: "refused", problem: piece.problem };
    this.#requests++;
    return await sendPiece(this.#context.gateway, piece, this.#context.stop, (why) => this.#show(why));
  }

  #complain({ number, offset }: Place, problem: string): void {
    this.#told++;
    if (this.#told <= MOST_TOLD) this.#context.tell(`${this.#path}: ${this.unit} ${number} (byte ${offset}): ${problem}`);
    if (this.#told === MOST_TOLD) this.#context.tell(`${this.#path}: further ones are only counted`);
  }

  #show(waiting: string): void {
    const bytes = this.#at.place.offset;
    const [path, startBytes, sizeBytes, requests] = [this.#path, this.#startBytes, this.#sizeBytes, this.#requests];
    this.#context.progress({ path, bytes, startBytes, sizeBytes, requests, refused: this.refused, waiting });
  }
}

async function readerOf(path: string, format: ImportFormat, options: ImportOptions, { hostname }: ImportContext): Promise<ReadPieces> {
  if (format === "otlp-json") return readJsonLines;
  if (format === "otlp-proto") return readFrames(options.signal ?? signalOfName(path));
  return readSyslogLines(new ZoneClock(options.timeZone), options.hostname ?? hostname, (await stat(path)).mtimeMs);
}

import { parseOtlpLine } from "./otlp-line.ts";
import { readLines } from "./read-lines.ts";
import type { RecordingFile } from "./recording-files.ts";

/** What a first reading tells of a file. */
export interface ScannedFile extends RecordingFile {
  /** Time of its oldest and newest item, Unix ms; NaN when it has none. */
  readonly oldestMs: number;
  readonly newestMs: number;
  /** Requests that can be sent, and lines that cannot. */
  readonly requests: number;
  readonly badLines: number;
}

/**
 * Reads a file once, to learn its times and to tell of every line that cannot be sent.
 * @param nowMs - times over a day after it are broken clocks
 */
export async function scanFile(file: RecordingFile, nowMs: number, tell: (line: string) => void): Promise<ScannedFile> {
  let [oldestMs, newestMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [requests, badLines] = [0, 0];
  for await (const line of readLines(file.path)) {
    const request = "problem" in line ? line.problem : parseOtlpLine(line.bytes, latestOf(nowMs));
    if (typeof request === "string") {
      badLines++;
      tell(`${file.name} line ${line.number}: ${request}; skipped`);
      continue;
    }
    requests++;
    if (Number.isNaN(request.newestMs)) continue;
    oldestMs = Math.min(oldestMs, request.oldestMs);
    newestMs = Math.max(newestMs, request.newestMs);
  }
  const known = newestMs >= oldestMs;
  return { ...file, requests, badLines, oldestMs: known ? oldestMs : Number.NaN, newestMs: known ? newestMs : Number.NaN };
}

/** Times later than this are broken clocks. */
export function latestOf(nowMs: number): number {
  return nowMs + 86_400_000;
}

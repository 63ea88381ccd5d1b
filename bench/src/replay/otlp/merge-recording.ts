import { parseOtlpLine, type RecordedRequest } from "./otlp-line.ts";
import { readLines } from "./read-lines.ts";
import { latestOf, type ScannedFile } from "./scan-recording.ts";

/** A request with its place. */
export interface PlacedRequest extends RecordedRequest {
  readonly file: ScannedFile;
  readonly line: number;
  /** When it was sent, as far as can be told: its newest item, else that of the line before it. Unix ms. */
  readonly timeMs: number;
}

export interface MergeOptions {
  readonly nowMs: number;
  /** Lines of a file up to this number are passed over. */
  readonly after: (file: ScannedFile) => number;
}

/**
 * The requests of all files in one stream by time; those of one file stay in their order. A file is open only while the
 * stream is in its time, so that rotated files do not all lie open at once; one line a file is in memory.
 */
export async function* mergeRecording(files: readonly ScannedFile[], { nowMs, after }: MergeOptions): AsyncGenerator<PlacedRequest> {
  const closed = files.filter((file) => file.requests > 0).sort((a, b) => startOf(b) - startOf(a));
  const open: { readonly requests: AsyncGenerator<PlacedRequest>; head: PlacedRequest }[] = [];
  try {
    for (;;) {
      let first = open[0];
      for (const one of open) if (one.head.timeMs < first!.head.timeMs) first = one;
      const next = closed.at(-1);
      if (next !== undefined && (first === undefined || startOf(next) <= first.head.timeMs)) {
        closed.pop();
        const requests = requestsOf(next, nowMs, after(next));
        const { value } = await requests.next();
        if (value !== undefined) open.push({ requests, head: value });
        continue;
      }
      if (first === undefined) return;
      yield first.head;
      const { value } = await first.requests.next();
      if (value === undefined) open.splice(open.indexOf(first), 1);
      else first.head = value;
    }
  } finally {
    for (const { requests } of open) await requests.return(undefined);
  }
}

/** A file without any time goes first. */
function startOf(file: ScannedFile): number {
  return Number.isNaN(file.oldestMs) ? Number.NEGATIVE_INFINITY : file.oldestMs;
}

async function* requestsOf(file: ScannedFile, nowMs: number, after: number): AsyncGenerator<PlacedRequest, undefined> {
  let timeMs = file.oldestMs;
  for await (const line of readLines(file.path)) {
    if ("problem" in line || line.number <= after) continue;
    const request = parseOtlpLine(line.bytes, latestOf(nowMs));
    if (typeof request === "string") continue; // told of by the first reading
    if (!Number.isNaN(request.newestMs)) timeMs = request.newestMs;
    yield { ...request, file, line: line.number, timeMs };
  }
  return undefined;
}

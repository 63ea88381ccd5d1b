import type { Signal } from "@yunwei/schemas";
import type { BadPiece, ImportPiece, ReadPieces } from "./import-piece.ts";
import { type Line, readLines } from "./read-lines.ts";

/** What the gateway takes; a line over it could not be sent. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const SIGNALS: Readonly<Record<string, Signal>> = {
  resourceMetrics: "metrics",
  resource_metrics: "metrics",
  resourceSpans: "traces",
  resource_spans: "traces",
  resourceLogs: "logs",
  resource_logs: "logs",
};
/** As the Collector's file exporter begins a line; others are parsed to be known. */
const BEGINNING = /^\s*\{\s*"(\w{1,30})"\s*:/;

/** The signal of an OTLP/JSON Export request, or undefined when it is none. */
export function signalOfJson(bytes: Buffer): Signal | undefined {
  const first = SIGNALS[BEGINNING.exec(bytes.subarray(0, 200).toString("latin1"))?.[1] ?? ""];
  if (first !== undefined) return first;
  try {
    const parsed: unknown = JSON.parse(bytes.toString("utf8"));
    if (typeof parsed !== "object" || parsed === null) return undefined;
    return Object.entries(SIGNALS).find(([name]) => name in parsed)?.[1];
  } catch {
    return undefined;
  }
}

/** OTLP/JSON, an Export request a line: what the Collector's file exporter writes with `format: json`. Empty lines are skipped. */
export const readJsonLines: ReadPieces = async function* (chunks, from) {
  for await (const line of readLines(chunks, from, MAX_LINE_BYTES)) {
    if (line.cutBytes > 0 || line.bytes.some((byte) => byte > 0x20)) yield pieceOf(line);
  }
};

function pieceOf({ bytes, cutBytes, isOpen, from, next }: Line): ImportPiece | BadPiece {
  if (cutBytes > 0) return { kind: "bad", problem: `${bytes.length + cutBytes} bytes are more than a request may have (${MAX_LINE_BYTES})`, from, next };
  if (isOpen && !isJson(bytes)) {
    return { kind: "bad", problem: "the file ends within this line: when more of it is there, import it again to go on here", from, next: from };
  }
  const signal = signalOfJson(bytes);
  if (signal === undefined) return { kind: "bad", problem: "not an OTLP/JSON Export request (resourceMetrics, resourceSpans or resourceLogs)", from, next };
  return { kind: "request", signal, encoding: "json", body: bytes, from, next };
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString("utf8"));
    return true;
  } catch {
    return false;
  }
}

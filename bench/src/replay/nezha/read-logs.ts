import { columnOf, parseCsv } from "./csv.ts";
import { serviceOfPod } from "./fault-case.ts";
import { id64, type PooledLog } from "./trace-pool.ts";

/** OTLP severity numbers by the words that loggers write. */
const SEVERITY: Readonly<Record<string, number>> = { TRACE: 1, DEBUG: 5, INFO: 9, WARN: 13, ERROR: 17, FATAL: 21 };
const SEVERITY_WORD = /\b(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\b/;
/** The level stands at the beginning of a line; further on it is somebody's text. */
const HEAD_LENGTH = 60;

export interface ReadLogs {
  /** Records by trace id; "" = outside traces. */
  readonly byTrace: Map<string, PooledLog[]>;
  /** Node by service. */
  readonly nodes: Map<string, string>;
}

/** Reads log files; a record that is in two files counts once. */
export function readLogs(files: readonly string[]): ReadLogs {
  const byTrace = new Map<string, PooledLog[]>();
  const nodes = new Map<string, string>();
  const seen = new Set<string>();
  for (const file of files) {
    const table = parseCsv(file);
    const [time, pod, log] = ["TimeUnixNano", "PodName", "Log"].map((name) => columnOf(table, name)) as [number, number, number];
    const [trace, span, node] = ["TraceID", "SpanID", "Node"].map((name) => columnOf(table, name)) as [number, number, number];
    for (const row of table.rows) {
      const key = `${row[time]}|${row[pod]}|${row[span]}`;
      const timeMs = Number(row[time]) / 1e6;
      if (seen.has(key) || !(timeMs > 0)) continue;
      seen.add(key);
      nodes.set(serviceOfPod(row[pod]!), row[node]!);
      const id = /^[0-9a-f]{32}$/.test(row[trace]!) ? row[trace]! : "";
      const spanId = id !== "" && /^[0-9a-f]{16}$/.test(row[span]!) ? id64(row[span]!, 0) : undefined;
      const text = logText(row[log]!);
      const records = byTrace.get(id) ?? [];
      records.push({ pod: row[pod]!, timeMs, severity: severityOf(text), text, span: spanId });
      byTrace.set(id, records);
    }
  }
  return { byTrace, nodes };
}

/** What was logged: the cell holds one or more objects of the container runtime, `{"log": ..., "stream": ..., "time": ...}`, one a line. */
export function logText(cell: string): string {
  return cell
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      try {
        return (JSON.parse(line) as { log?: string }).log ?? line;
      } catch {
        return line; // cut off by the set's collector
      }
    })
    .map((line) => line.trimEnd())
    .join("\n");
}

function severityOf(text: string): number {
  return SEVERITY[SEVERITY_WORD.exec(text.slice(0, HEAD_LENGTH))?.[1] ?? ""] ?? 0;
}

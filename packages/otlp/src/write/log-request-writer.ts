import { type OutgoingAttributes, writeAttributes } from "./outgoing-attributes.ts";
import { WireWriter } from "./wire-writer.ts";

/*
 * ExportLogsServiceRequest { 1 ResourceLogs { 1 Resource { 1 attributes }, 2 ScopeLogs { 1 Scope { 1 name }, 2 LogRecord } } }
 *   LogRecord { 1 time fixed64, 2 severity_number, 3 severity_text, 5 body, 6 attributes, 7 dropped_attributes_count, 11 observed_time, 12 event_name }
 */

const FIRST_BYTES = 16 * 1024;

/** A log record to be written. */
export interface OutgoingLog {
  /** Unix milliseconds, whole. */
  readonly timeMs: number;
  readonly observedMs: number;
  /** SeverityNumber, 1..24; 0 = unknown. */
  readonly severity: number;
  readonly severityText: string;
  readonly body: string;
  readonly attributes: OutgoingAttributes;
  /** Attributes that were left out because there were too many. */
  readonly droppedAttributes?: number;
  /** Makes the record an event (OpenTelemetry, "Events"). */
  readonly eventName?: string;
}

/** Collects log records and writes them as one Export request, those of one resource together and in the order of `add`. */
export class LogRequestWriter {
  readonly #scope: string;
  readonly #maxBytes: number;
  readonly #resources = new Map<string, { readonly attributes: OutgoingAttributes; readonly logs: OutgoingLog[] }>();
  #count = 0;

  /** @param scope - name of the instrumentation scope. @param maxBytes - of the request; past it `end` throws YUNWEI_OTLP_TOO_LARGE */
  constructor(scope: string, maxBytes: number) {
    this.#scope = scope;
    this.#maxBytes = maxBytes;
  }

  get count(): number {
    return this.#count;
  }

  /** @param resource - its attributes; records with equal ones become one ResourceLogs */
  add(resource: OutgoingAttributes, log: OutgoingLog): void {
    const key = JSON.stringify(resource);
    let group = this.#resources.get(key);
    if (group === undefined) this.#resources.set(key, (group = { attributes: resource, logs: [] }));
    group.logs.push(log);
    this.#count++;
  }

  /** The request; the writer is empty afterwards. @throws YunweiError YUNWEI_OTLP_TOO_LARGE */
  end(): Uint8Array {
    const out = new WireWriter(FIRST_BYTES, this.#maxBytes);
    for (const { attributes, logs } of this.#resources.values()) {
      const resourceLogs = out.open(1);
      const resource = out.open(1);
      writeAttributes(out, 1, attributes);
      out.close(resource);
      const scopeLogs = out.open(2);
      const scope = out.open(1);
      out.text(1, this.#scope);
      out.close(scope);
      for (const log of logs) writeLog(out, log);
      out.close(scopeLogs);
      out.close(resourceLogs);
    }
    this.#resources.clear();
    this.#count = 0;
    return out.written;
  }
}

function writeLog(out: WireWriter, log: OutgoingLog): void {
  const record = out.open(2);
  out.nanos(1, log.timeMs);
  if (log.severity > 0) out.number(2, log.severity);
  if (log.severityText !== "") out.text(3, log.severityText);
  const body = out.open(5);
  out.text(1, log.body);
  out.close(body);
  writeAttributes(out, 6, log.attributes);
  if (log.droppedAttributes !== undefined && log.droppedAttributes > 0) out.number(7, log.droppedAttributes);
  out.nanos(11, log.observedMs);
  if (log.eventName !== undefined) out.text(12, log.eventName);
  out.close(record);
}

import { checkAnyValue, checkKeyValue, MAX_ATTRIBUTES } from "./attributes.ts";
import type { LogColumns, LogDecoding, ResourceInfo, StreamIdentity } from "./columns.ts";
import { growColumns } from "./grow.ts";
import { ResourceTable } from "./resource-table.ts";
import { SlicePool } from "./slice-pool.ts";
import { timeProblem } from "./time-rule.ts";
import { walkRequest } from "./walk-request.ts";
import { Wire } from "./wire.ts";

/*
 * opentelemetry.proto.logs.v1
 *   ExportLogsServiceRequest { 1 resource_logs }   ResourceLogs { 1 resource, 2 scope_logs }   ScopeLogs { 1 scope, 2 log_records }
 *   LogRecord { 1 time, 2 severity_number, 3 severity_text, 5 body AnyValue, 6 attributes, 7 dropped, 8 flags fixed32, 9 trace_id, 10 span_id, 11 observed_time, 12 event_name }
 */

const FIRST = 1024;

function logColumns(): LogColumns {
  const i32 = (): Int32Array => new Int32Array(FIRST);
  return {
    count: 0,
    resource: i32(),
    timeMs: new Float64Array(FIRST),
    severity: new Uint8Array(FIRST),
    bodyStart: i32(),
    bodyEnd: i32(),
    traceIdAt: i32(),
    spanIdAt: i32(),
    attributes: i32(),
    attributesTo: i32(),
  };
}

/** Decodes Export requests of logs into columns; see LogDecoding. A record without a time has that of its observation, else of its reception. */
export class LogDecoder implements LogDecoding {
  readonly logs = logColumns();
  /** Slices of the request that the columns point into; valid until the next `decode`. */
  readonly slices = new SlicePool();
  rejected = 0;
  problem: string | undefined;
  readonly wire = new Wire();
  readonly #resources = new ResourceTable();
  readonly #take = (end: number, resource: number): void => this.#record(end, resource);
  #receivedMs = Number.NaN;

  /** Whether a catalogue has no room for something new. */
  get isFull(): boolean {
    return this.#resources.isFull;
  }

  /** The request decoded last. */
  get body(): Uint8Array {
    return this.wire.bytes;
  }

  get resources(): readonly ResourceInfo[] {
    return this.#resources.all;
  }

  decode(body: Uint8Array, identity: StreamIdentity): void {
    this.#clear();
    this.#receivedMs = identity.receivedMs;
    try {
      walkRequest(this.wire, body, identity, this.#resources, this.#take);
    } catch (error) {
      this.#clear();
      throw error;
    }
  }

  #clear(): void {
    this.logs.count = 0;
    this.slices.clear();
    this.rejected = 0;
    this.problem = undefined;
  }

  #record(end: number, resource: number): void {
    const { wire, logs, slices } = this;
    const row = logs.count;
    if (row === logs.resource.length) growColumns(logs, row + 1);
    const attributes = slices.length;
    let timeMs = 0;
    let observedMs = 0;
    logs.severity[row] = 0;
    logs.bodyStart[row] = 0;
    logs.bodyEnd[row] = 0;
    logs.traceIdAt[row] = -1;
    logs.spanIdAt[row] = -1;
    while (wire.next(end)) {
      switch (wire.field) {
        case 1:
          wire.fixed64(end);
          timeMs = wire.nanosAsMs();
          break;
        case 2:
          logs.severity[row] = Math.min(wire.number(end), 24);
          break;
        case 5:
          logs.bodyEnd[row] = wire.sliceEnd(end);
          logs.bodyStart[row] = wire.pos;
          checkAnyValue(wire, logs.bodyEnd[row]!);
          break;
        case 6: {
          const sliceEnd = wire.sliceEnd(end);
          slices.push(wire.pos, sliceEnd);
          checkKeyValue(wire, sliceEnd);
          break;
        }
        case 9:
          logs.traceIdAt[row] = this.#idAt(end, 16);
          break;
        case 10:
          logs.spanIdAt[row] = this.#idAt(end, 8);
          break;
        case 11:
          wire.fixed64(end);
          observedMs = wire.nanosAsMs();
          break;
        default:
          wire.skip(end);
      }
    }
    logs.resource[row] = resource;
    logs.attributes[row] = attributes;
    logs.attributesTo[row] = slices.length;
    if (timeMs === 0) timeMs = observedMs;
    logs.timeMs[row] = timeMs === 0 && this.#receivedMs >= 0 ? this.#receivedMs : timeMs;
    this.#finish(row, slices.length - attributes);
  }

  #finish(row: number, attributeCount: number): void {
    let problem = this.#receivedMs >= 0 ? timeProblem(this.logs.timeMs[row]!, this.#receivedMs) : undefined;
    if (attributeCount > MAX_ATTRIBUTES) problem = `more than ${MAX_ATTRIBUTES} attributes`;
    if (problem === undefined) this.logs.count = row + 1;
    else {
      this.rejected++;
      this.problem ??= `log record: ${problem}`;
    }
  }

  /** Where the id of `length` bytes stands; -1 when it is empty. */
  #idAt(end: number, length: number): number {
    const { wire } = this;
    const sliceEnd = wire.sliceEnd(end);
    const at = wire.pos;
    if (sliceEnd !== at && sliceEnd - at !== length) wire.fail(`an id of ${sliceEnd - at} bytes, ${length} are wanted,`);
    wire.pos = sliceEnd;
    return sliceEnd === at ? -1 : at;
  }
}

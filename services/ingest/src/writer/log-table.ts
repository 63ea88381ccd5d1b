import { type LogDecoding, Wire } from "@yunwei/otlp";
import { DictionaryColumn, FixedColumn, StringColumn } from "@yunwei/store";
import type { RetentionBook } from "../retention/retention-book.ts";
import { AttributeColumn, pushAnyValue } from "./attribute-column.ts";
import { ItemOrder, listItems } from "./item-order.ts";
import type { TableBlock } from "./metric-tables.ts";
import { seconds } from "./place-columns.ts";
import { ResourceColumns } from "./resource-columns.ts";

/** A request of a batch with the time of its reception, Unix milliseconds. */
export interface ReceivedLogs {
  readonly decoded: LogDecoding;
  readonly receivedMs: number;
}

/** Turns the decoded logs of a batch, all of one catalogue, into the block of `logs`, in the order of its key. */
export class LogTable {
  readonly #resource = new ResourceColumns();
  readonly #attributes = new AttributeColumn();
  readonly #own = {
    ret: new DictionaryColumn(),
    ts: new FixedColumn("DateTime64(3)", 8),
    received_at: seconds(),
    severity: new FixedColumn("UInt8", 1),
    trace_id: new StringColumn(),
    span_id: new StringColumn(),
    body: new StringColumn(),
  };
  readonly #columns = { ...this.#resource.columns, ...this.#own, attrs: this.#attributes.column };
  readonly #order = new ItemOrder();
  readonly #retention: Pick<RetentionBook, "classOf"> | undefined;

  /** @param retention - which class a record gets; without it all are "std" */
  constructor(retention?: Pick<RetentionBook, "classOf">) {
    this.#retention = retention;
  }

  /** Valid until the next call. */
  block(requests: readonly ReceivedLogs[]): TableBlock {
    for (const column of Object.values(this.#columns)) column.clear();
    const items = listItems(requests.map(({ decoded }) => decoded.logs.count));
    const resource = new Uint32Array(items.rows);
    const timeMs = new Float64Array(items.rows);
    let at = 0;
    for (const { decoded } of requests) {
      const { count } = decoded.logs;
      resource.set(decoded.logs.resource.subarray(0, count), at);
      timeMs.set(decoded.logs.timeMs.subarray(0, count), at);
      at += count;
    }
    const resources = requests[0]?.decoded.resources ?? [];
    this.#resource.of(resources);
    const places = this.#order.sort(resources, resource, timeMs);
    const wires = requests.map(({ decoded }) => wireOn(decoded.body));
    for (let place = 0; place < items.rows; place++) {
      const item = places[place]!;
      const request = items.request[item]!;
      this.#push(requests[request]!, wires[request]!, items.row[item]!);
    }
    return { table: "logs", columns: this.#columns };
  }

  #push({ decoded, receivedMs }: ReceivedLogs, wire: Wire, row: number): void {
    const { logs, slices, resources } = decoded;
    const own = this.#own;
    this.#resource.push(resources[logs.resource[row]!]!);
    own.ret.text(this.#retention?.classOf(decoded, receivedMs, row, wire) ?? "std");
    own.ts.i64(Math.floor(logs.timeMs[row]!));
    own.received_at.u32(Math.floor(receivedMs / 1000));
    own.severity.u8(logs.severity[row]!);
    pushId(own.trace_id, wire.bytes, logs.traceIdAt[row]!, 16);
    pushId(own.span_id, wire.bytes, logs.spanIdAt[row]!, 8);
    pushAnyValue(own.body, wire, logs.bodyStart[row]!, logs.bodyEnd[row]!);
    this.#attributes.push(wire, slices, logs.attributes[row]!, logs.attributesTo[row]!);
  }
}

export function wireOn(body: Uint8Array): Wire {
  const wire = new Wire();
  wire.open(body);
  return wire;
}

/** The id of `length` bytes at `at`, "" for none (-1). */
function pushId(column: StringColumn, bytes: Uint8Array, at: number, length: number): void {
  if (at < 0) column.hex(bytes, 0, 0);
  else column.hex(bytes, at, at + length);
}

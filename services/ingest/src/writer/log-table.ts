import { type LogDecoder, readAnyValue, readKeyValue } from "@yunwei/otlp";
import { FixedColumn, MapColumn, StringColumn } from "@yunwei/store";
import type { TableBlock } from "./metric-tables.ts";
import { ids, lanesOf, PlaceColumns, seconds } from "./place-columns.ts";

/** Retention class of a record without a rule of its own. */
const STANDARD_RETENTION = "std";

/** The block of `logs`, filled from a decoder request by request. */
export class LogTable {
  readonly #place = new PlaceColumns();
  readonly #own = {
    service: new StringColumn(),
    ret: new StringColumn(),
    ts: new FixedColumn("DateTime64(3)", 8),
    received_at: seconds(),
    severity: new FixedColumn("UInt8", 1),
    resource_id: ids(),
    entity_id: ids(),
    trace_id: new StringColumn(),
    span_id: new StringColumn(),
    body: new StringColumn(),
    attrs: new MapColumn(),
  };
  readonly #attributes = new Map<string, string>();

  readonly blocks: readonly TableBlock[] = [{ table: "logs", columns: { ...this.#place.columns, ...this.#own } }];

  /** Takes what `decoder` holds now. @param receivedMs - when the message was taken */
  push(decoder: LogDecoder, receivedMs: number): void {
    const { logs, slices, wire } = decoder;
    const own = this.#own;
    for (let row = 0; row < logs.count; row++) {
      const resource = decoder.resources[logs.resource[row]!]!;
      const resourceId = lanesOf(resource.resourceId);
      const entityId = lanesOf(resource.entityId);
      this.#place.push(resource);
      own.service.text(resource.service);
      own.ret.text(STANDARD_RETENTION);
      own.ts.i64(Math.floor(logs.timeMs[row]!));
      own.received_at.u32(Math.floor(receivedMs / 1000));
      own.severity.u8(logs.severity[row]!);
      own.resource_id.lanes(resourceId.high, resourceId.low);
      own.entity_id.lanes(entityId.high, entityId.low);
      own.trace_id.text(hexAt(wire.bytes, logs.traceIdAt[row]!, 16));
      own.span_id.text(hexAt(wire.bytes, logs.spanIdAt[row]!, 8));
      own.body.text(bodyText(decoder, row));
      this.#attributes.clear();
      for (let at = logs.attributes[row]!; at < logs.attributesTo[row]!; at++) {
        wire.pos = slices.starts[at]!;
        readKeyValue(wire, slices.ends[at]!, this.#attributes);
      }
      own.attrs.map(this.#attributes);
    }
  }
}

function bodyText({ logs, wire }: LogDecoder, row: number): string {
  wire.pos = logs.bodyStart[row]!;
  const body = readAnyValue(wire, logs.bodyEnd[row]!, 0);
  return typeof body === "string" ? body : JSON.stringify(body);
}

function hexAt(bytes: Uint8Array, at: number, length: number): string {
  return at < 0 ? "" : Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString("hex");
}

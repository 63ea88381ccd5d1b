import type { LogDecoder } from "@yunwei/otlp";
import { FixedColumn, MapColumn, StringColumn } from "@yunwei/store";
import { pushAnyValue, pushAttributes } from "./attribute-column.ts";
import type { TableBlock } from "./metric-tables.ts";
import { ids, type Lanes, lanesOf, PlaceColumns, seconds } from "./place-columns.ts";

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
  readonly #lanes: { resource: Lanes; entity: Lanes }[] = [];

  readonly blocks: readonly TableBlock[] = [{ table: "logs", columns: { ...this.#place.columns, ...this.#own } }];

  /** Takes what `decoder` holds now. @param receivedMs - when the message was taken */
  push(decoder: LogDecoder, receivedMs: number): void {
    const { logs, slices, wire } = decoder;
    const own = this.#own;
    for (let row = 0; row < logs.count; row++) {
      const resource = decoder.resources[logs.resource[row]!]!;
      const known = (this.#lanes[resource.index] ??= { resource: lanesOf(resource.resourceId), entity: lanesOf(resource.entityId) });
      this.#place.push(resource);
      own.service.text(resource.service);
      own.ret.text(STANDARD_RETENTION);
      own.ts.i64(Math.floor(logs.timeMs[row]!));
      own.received_at.u32(Math.floor(receivedMs / 1000));
      own.severity.u8(logs.severity[row]!);
      own.resource_id.lanes(known.resource.high, known.resource.low);
      own.entity_id.lanes(known.entity.high, known.entity.low);
      pushId(own.trace_id, wire.bytes, logs.traceIdAt[row]!, 16);
      pushId(own.span_id, wire.bytes, logs.spanIdAt[row]!, 8);
      pushAnyValue(own.body, wire, logs.bodyStart[row]!, logs.bodyEnd[row]!);
      pushAttributes(own.attrs, wire, slices, logs.attributes[row]!, logs.attributesTo[row]!);
    }
  }
}

/** The id of `length` bytes at `at`, "" for none (-1). */
function pushId(column: StringColumn, bytes: Uint8Array, at: number, length: number): void {
  if (at < 0) column.hex(bytes, 0, 0);
  else column.hex(bytes, at, at + length);
}

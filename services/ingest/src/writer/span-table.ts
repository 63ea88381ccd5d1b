import type { ResourceInfo, SpanDecoder } from "@yunwei/otlp";
import { FixedColumn, MapColumn, StringColumn } from "@yunwei/store";
import { pushAttributes } from "./attribute-column.ts";
import type { TableBlock } from "./metric-tables.ts";
import { ids, type Lanes, lanesOf, PlaceColumns } from "./place-columns.ts";
import { eventsJson, linksJson } from "./span-details.ts";

const KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"] as const;
const STATUSES = ["unset", "ok", "error"] as const;

/** The block of `spans`, filled from a decoder request by request. */
export class SpanTable {
  readonly #place = new PlaceColumns();
  readonly #own = {
    service: new StringColumn(),
    name: new StringColumn(),
    kind: new StringColumn(),
    ts: new FixedColumn("DateTime64(6)", 8),
    duration_us: ids(),
    status: new StringColumn(),
    trace_id: new FixedColumn("FixedString(16)", 16),
    span_id: new FixedColumn("FixedString(8)", 8),
    parent_id: new FixedColumn("FixedString(8)", 8),
    peer: new StringColumn(),
    resource_id: ids(),
    entity_id: ids(),
    attrs: new MapColumn(),
    events: new StringColumn(),
    links: new StringColumn(),
  };
  readonly #resourceLanes: { resource: Lanes; entity: Lanes }[] = [];
  readonly #scratch = new Uint8Array(16);
  readonly #scratchView = new DataView(this.#scratch.buffer);

  readonly blocks: readonly TableBlock[] = [{ table: "spans", columns: { ...this.#place.columns, ...this.#own } }];

  /** Takes what `decoder` holds now. */
  push(decoder: SpanDecoder): void {
    for (let row = 0; row < decoder.spans.count; row++) this.#span(decoder, row);
  }

  #span(decoder: SpanDecoder, row: number): void {
    const { spans, strings, slices, wire } = decoder;
    const own = this.#own;
    const resource = decoder.resources[spans.resource[row]!]!;
    const lanes = this.#lanesOf(resource);
    this.#place.push(resource);
    own.service.text(resource.service);
    own.name.text(strings[spans.name[row]!]!);
    own.kind.text(KINDS[spans.kind[row]!]!);
    own.ts.i64(Math.round(spans.startMs[row]! * 1000));
    own.duration_us.i64(Math.round(spans.durationMs[row]! * 1000));
    own.status.text(STATUSES[spans.status[row]!]!);
    this.#id(own.trace_id, spans.traceHigh[row]!, spans.traceLow[row]!);
    this.#id(own.span_id, spans.spanId[row]!);
    this.#id(own.parent_id, spans.parentId[row]!);
    own.peer.text(strings[spans.peer[row]!]!);
    own.resource_id.lanes(lanes.resource.high, lanes.resource.low);
    own.entity_id.lanes(lanes.entity.high, lanes.entity.low);
    pushAttributes(own.attrs, wire, slices, spans.attributes[row]!, spans.attributesTo[row]!);
    own.events.text(eventsJson(decoder, spans.eventsFrom[row]!, spans.eventsTo[row]!));
    own.links.text(linksJson(decoder, spans.linksFrom[row]!, spans.linksTo[row]!));
  }

  #lanesOf(resource: ResourceInfo): { resource: Lanes; entity: Lanes } {
    return (this.#resourceLanes[resource.index] ??= { resource: lanesOf(resource.resourceId), entity: lanesOf(resource.entityId) });
  }

  #id(column: FixedColumn, first: bigint, second?: bigint): void {
    this.#scratchView.setBigUint64(0, first, false);
    if (second !== undefined) this.#scratchView.setBigUint64(8, second, false);
    column.raw(this.#scratch, 0, second === undefined ? 8 : 16);
  }
}

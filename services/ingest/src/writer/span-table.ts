import { lanesIn, type SpanDecoding, type Wire } from "@yunwei/otlp";
import { DictionaryColumn, FixedColumn, StringColumn } from "@yunwei/store";
import { AttributeColumn } from "./attribute-column.ts";
import { CodedTexts } from "./coded-texts.ts";
import { ItemOrder, listItems } from "./item-order.ts";
import { wireOn } from "./log-table.ts";
import type { TableBlock } from "./metric-tables.ts";
import { ids } from "./place-columns.ts";
import { ResourceColumns } from "./resource-columns.ts";
import { SpanDetails } from "./span-details.ts";

/** Turns the decoded spans of a batch, all of one catalogue, into the block of `spans`, in the order of its key. */
export class SpanTable {
  readonly #resource = new ResourceColumns();
  readonly #attributes = new AttributeColumn();
  readonly #own = {
    name: new DictionaryColumn(),
    kind: new FixedColumn("Int8", 1),
    ts: new FixedColumn("DateTime64(6)", 8),
    duration_us: ids(),
    status: new FixedColumn("Int8", 1),
    trace_id: new FixedColumn("FixedString(16)", 16),
    span_id: new FixedColumn("FixedString(8)", 8),
    parent_id: new FixedColumn("FixedString(8)", 8),
    peer: new DictionaryColumn(),
    events: new StringColumn(),
    links: new StringColumn(),
  };
  readonly #columns = { ...this.#resource.columns, ...this.#own, attrs: this.#attributes.column };
  readonly #names = new CodedTexts(this.#own.name);
  readonly #peers = new CodedTexts(this.#own.peer);
  readonly #details = new SpanDetails();
  readonly #order = new ItemOrder();

  /** Valid until the next call. */
  block(requests: readonly SpanDecoding[]): TableBlock {
    for (const column of Object.values(this.#columns)) column.clear();
    const items = listItems(requests.map(({ spans }) => spans.count));
    const resource = new Uint32Array(items.rows);
    const name = new Uint32Array(items.rows);
    const timeMs = new Float64Array(items.rows);
    let at = 0;
    for (const { spans } of requests) {
      resource.set(spans.resource.subarray(0, spans.count), at);
      name.set(spans.name.subarray(0, spans.count), at);
      timeMs.set(spans.startMs.subarray(0, spans.count), at);
      at += spans.count;
    }
    const { resources = [], strings = [] } = requests[0] ?? {};
    this.#resource.of(resources);
    this.#names.of(strings);
    this.#peers.of(strings);
    const places = this.#order.sort(resources, resource, timeMs, nameRanks(strings, name));
    const wires = requests.map(({ body }) => wireOn(body));
    const lanes = requests.map(({ spans }) => ({
      traceHigh: lanesIn(spans.traceHigh),
      traceLow: lanesIn(spans.traceLow),
      span: lanesIn(spans.spanId),
      parent: lanesIn(spans.parentId),
    }));
    for (let place = 0; place < items.rows; place++) {
      const item = places[place]!;
      const request = items.request[item]!;
      const row = items.row[item]!;
      const { traceHigh, traceLow, span, parent } = lanes[request]!;
      this.#own.trace_id.bigEndian(traceHigh[2 * row + 1]!, traceHigh[2 * row]!);
      this.#own.trace_id.bigEndian(traceLow[2 * row + 1]!, traceLow[2 * row]!);
      this.#own.span_id.bigEndian(span[2 * row + 1]!, span[2 * row]!);
      this.#own.parent_id.bigEndian(parent[2 * row + 1]!, parent[2 * row]!);
      this.#push(requests[request]!, wires[request]!, row);
    }
    return { table: "spans", columns: this.#columns };
  }

  #push({ spans, resources, strings, slices }: SpanDecoding, wire: Wire, row: number): void {
    const own = this.#own;
    this.#resource.push(resources[spans.resource[row]!]!);
    this.#names.push(spans.name[row]!, strings[spans.name[row]!]!);
    own.kind.u8(spans.kind[row]!);
    own.ts.i64(Math.round(spans.startMs[row]! * 1000));
    own.duration_us.i64(Math.round(spans.durationMs[row]! * 1000));
    own.status.u8(spans.status[row]!);
    this.#peers.push(spans.peer[row]!, strings[spans.peer[row]!]!);
    this.#attributes.push(wire, slices, spans.attributes[row]!, spans.attributesTo[row]!);
    this.#details.events(own.events, wire, slices, spans.eventsFrom[row]!, spans.eventsTo[row]!);
    this.#details.links(own.links, wire, slices, spans.linksFrom[row]!, spans.linksTo[row]!);
  }
}

function nameRanks(strings: readonly string[], name: Uint32Array): { of: Uint32Array; most: number } {
  const used = [...new Set(name)].sort((a, b) => (strings[a]! < strings[b]! ? -1 : 1));
  const rank = new Uint32Array(strings.length);
  for (const [place, index] of used.entries()) rank[index] = place;
  return { of: name.map((index) => rank[index]!), most: Math.max(0, used.length - 1) };
}

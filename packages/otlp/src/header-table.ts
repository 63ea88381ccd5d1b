import { textOf } from "./attributes.ts";
import type { PointKind, ResourceInfo } from "./columns.ts";
import { RawTable } from "./raw-table.ts";
import type { MetricHeader } from "./series-table.ts";
import { Wire } from "./wire.ts";

/*
 *   ScopeMetrics { 1 scope { 1 name, 2 version }, 2 metrics, 3 schema_url }
 *   Metric { 1 name, 2 description, 3 unit, 5 | 7 | 9 | 10 | 11 data, 12 metadata }
 */

/** Distinct raw scopes and metric headers kept; a header beyond that is described anew each time, and its series with it. */
const MAX_SCOPES = 1_000_000;
const MAX_HEADERS = 4_000_000;
const KINDS = 8;

/** Scopes and Metric headers by their raw bytes: nothing of them is read again while they stay the same. */
export class HeaderTable {
  readonly #scopes = new RawTable(MAX_SCOPES);
  readonly #scopeNames: string[] = [];
  readonly #raw = new RawTable(MAX_HEADERS);
  readonly #headers: MetricHeader[] = [];
  readonly #gathered = new Wire();
  /** Numbers of headers that the table could not take, below zero: no two of them share a series by mistake. */
  #strangers = -1;

  get isFull(): boolean {
    return this.#scopes.isFull || this.#raw.isFull;
  }

  /** The number of the scope `[start, end)` of a resource; -1 when there are too many. */
  scope(wire: Wire, resource: ResourceInfo, start: number, end: number): number {
    const known = this.#scopes.find(wire.view, resource.index, start, end);
    if (known >= 0) return known;
    const name = readScope(wire, start, end);
    const entry = this.#scopes.add(wire.view, resource.index, start, end);
    if (entry >= 0) this.#scopeNames[entry] = name;
    return entry;
  }

  /**
   * The header of a Metric message.
   * @param scope - its number, from `scope`
   * @param runs - where the fields beside the data are, tags included: starts and ends, in order
   * @param kind - of the data field, "delta" for a sum of that temporality
   */
  header(wire: Wire, resource: ResourceInfo, scope: number, runs: readonly number[], kind: PointKind, monotonic: boolean, temporality: number): MetricHeader {
    if (runs.length === 2) return this.#of(wire, resource, scope, runs[0]!, runs[1]!, kind, monotonic, temporality);
    const pieces: Uint8Array[] = [];
    for (let i = 0; i < runs.length; i += 2) pieces.push(wire.bytes.subarray(runs[i], runs[i + 1]));
    const gathered = this.#gathered;
    gathered.open(Buffer.concat(pieces));
    return this.#of(gathered, resource, scope, 0, gathered.bytes.length, kind, monotonic, temporality);
  }

  #of(wire: Wire, resource: ResourceInfo, scope: number, start: number, end: number, kind: PointKind, monotonic: boolean, temporality: number): MetricHeader {
    const context = ((scope * KINDS + KIND_NUMBER[kind]) << 3) | ((temporality & 3) << 1) | (monotonic ? 1 : 0);
    const known = scope < 0 ? -1 : this.#raw.find(wire.view, context, start, end);
    if (known >= 0) return this.#headers[known]!;
    const { metric, unit } = readNames(wire, start, end);
    const entry = scope < 0 ? -1 : this.#raw.add(wire.view, context, start, end);
    const header = { entry: entry < 0 ? --this.#strangers : entry, resource, scope: this.#scopeNames[scope] ?? "", metric, unit, kind, monotonic };
    if (entry >= 0) this.#headers[entry] = header;
    return header;
  }
}

const KIND_NUMBER: Readonly<Record<PointKind, number>> = { gauge: 0, sum: 1, delta: 2, histogram: 3, exponential_histogram: 4, summary: 5 };

function readNames(wire: Wire, start: number, end: number): { metric: string; unit: string } {
  const position = wire.pos;
  const names = { metric: "", unit: "" };
  wire.pos = start;
  while (wire.next(end)) {
    if (wire.field !== 1 && wire.field !== 3) {
      wire.skip(end);
      continue;
    }
    const sliceEnd = wire.sliceEnd(end);
    names[wire.field === 1 ? "metric" : "unit"] = textOf(wire, wire.pos, sliceEnd);
    wire.pos = sliceEnd;
  }
  wire.pos = position;
  return names;
}

function readScope(wire: Wire, start: number, end: number): string {
  const position = wire.pos;
  let name = "";
  let version = "";
  wire.pos = start;
  while (wire.next(end)) {
    if (wire.field === 1 || wire.field === 2) {
      const sliceEnd = wire.sliceEnd(end);
      const text = textOf(wire, wire.pos, sliceEnd);
      if (wire.field === 1) name = text;
      else version = text;
      wire.pos = sliceEnd;
    } else wire.skip(end);
  }
  wire.pos = position;
  return version === "" ? name : `${name}@${version}`;
}

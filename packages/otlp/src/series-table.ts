import { checkKeyValue, MAX_ATTRIBUTES, readKeyValue } from "./attributes.ts";
import type { PointKind, ResourceInfo, SeriesInfo } from "./columns.ts";
import { Hash64, hashStrings } from "./hash64.ts";
import { IdTable } from "./id-table.ts";
import type { Wire } from "./wire.ts";

/** What all points of one Metric message share. */
export interface MetricHeader {
  resource: ResourceInfo;
  /** Scope name and version, `name@version`. */
  scope: string;
  metric: string;
  unit: string;
  kind: PointKind;
  monotonic: boolean;
  /** Raw hash of all of the above. */
  high: number;
  low: number;
}

/** Distinct series a decoder holds; a point of a further one is refused. */
export const MAX_SERIES = 2_000_000;

/** Series by the raw bytes that identify them: canonical work (sorting labels) is done on first sight only. */
export class SeriesTable {
  readonly all: SeriesInfo[] = [];
  readonly #byRaw = new IdTable();
  readonly #byContent = new Map<string, number>();
  readonly #hash = new Hash64();
  readonly #keeps: boolean;

  /** @param keeps - false: what a series is is checked on first sight and not kept; every series is then 0 */
  constructor(keeps: boolean) {
    this.#keeps = keeps;
  }

  /**
   * @param slices - start and end of each KeyValue of the point, in pairs
   * @param count - entries of `slices` that are valid
   * @param boundsStart, boundsEnd - bytes of the packed explicit bounds, equal when there are none
   * @returns the dense index, or -1 when the table is full
   */
  lookup(wire: Wire, header: MetricHeader, slices: Int32Array, count: number, boundsStart: number, boundsEnd: number): number {
    const hash = this.#hash;
    hash.high = header.high;
    hash.low = header.low;
    for (let i = 0; i < count; i += 2) hash.add(wire.bytes, slices[i]!, slices[i + 1]!);
    if (boundsEnd > boundsStart) hash.add(wire.bytes, boundsStart, boundsEnd);
    const known = this.#byRaw.get(hash.high, hash.low);
    if (known >= 0) return known;
    const { high, low } = hash;
    if (!this.#keeps) {
      this.#check(wire, slices, count);
      if (this.#byRaw.size < MAX_SERIES) this.#byRaw.set(high, low, 0);
      return 0;
    }
    const index = this.#learn(wire, header, slices, count, boundsStart, boundsEnd);
    if (index >= 0) this.#byRaw.set(high, low, index);
    return index;
  }

  #check(wire: Wire, slices: Int32Array, count: number): void {
    const position = wire.pos;
    for (let i = 0; i < count; i += 2) {
      wire.pos = slices[i]!;
      checkKeyValue(wire, slices[i + 1]!);
    }
    wire.pos = position;
  }

  #learn(wire: Wire, header: MetricHeader, slices: Int32Array, count: number, boundsStart: number, boundsEnd: number): number {
    const position = wire.pos;
    const labels = new Map<string, string>();
    for (let i = 0; i < count && i < 2 * MAX_ATTRIBUTES; i += 2) {
      wire.pos = slices[i]!;
      readKeyValue(wire, slices[i + 1]!, labels);
    }
    wire.pos = position;
    const bounds: number[] = [];
    for (let at = boundsStart; at + 8 <= boundsEnd; at += 8) bounds.push(wire.view.getFloat64(at, true));
    const { resource, scope, metric, unit, kind, monotonic } = header;
    const sorted = [...labels].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).flat();
    const seriesId = hashStrings(resource.department, metric, resource.resourceId, scope, ...sorted, "bounds", bounds.join());
    const content = `${seriesId}${resource.source}`;
    const same = this.#byContent.get(content);
    if (same !== undefined) return same;
    if (this.all.length >= MAX_SERIES) return -1;
    const index = this.all.length;
    this.all.push({ index, seriesId, metric, unit, kind, monotonic, resource, scope, labels, bounds });
    this.#byContent.set(content, index);
    return index;
  }
}

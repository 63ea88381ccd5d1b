import { checkKeyValue, MAX_ATTRIBUTES, readKeyValue } from "./attributes.ts";
import type { PointKind, ResourceInfo, SeriesInfo } from "./columns.ts";
import { wider } from "./grow.ts";
import { hashStrings } from "./hash64.ts";
import { RawTable } from "./raw-table.ts";
import { Wire } from "./wire.ts";

/** What all points of one Metric message share; one object for each distinct raw form (HeaderTable). */
export interface MetricHeader {
  /** Its number, the context of its series in their table. */
  readonly entry: number;
  readonly resource: ResourceInfo;
  /** Scope name and version, `name@version`. */
  readonly scope: string;
  readonly metric: string;
  readonly unit: string;
  readonly kind: PointKind;
  readonly monotonic: boolean;
}

/** Asked once for each series that is new; false leaves its points out. */
export interface SeriesGuard {
  admit(metric: string, source: string): boolean;
  /** Every series will be new once more: a catalogue that was full begins anew. */
  restart(): void;
}

/** Distinct series a decoder holds; a point of a further one is refused. */
export const MAX_SERIES = 2_000_000;
/** The same series in other bytes (attributes in another order) has an entry of its own: so many entries a series, all in all. */
const RAW_FORMS = 2;

/** Series by the raw bytes that identify them: canonical work (sorting labels) is done on first sight only. */
export class SeriesTable {
  readonly all: SeriesInfo[] = [];
  /** Why the last lookup gave -1. */
  refusal = "";
  readonly raw: RawTable;
  readonly #maxSeries: number;
  /** Series index by raw entry. */
  #series = new Int32Array(1024);
  readonly #byContent = new Map<string, number>();
  readonly #keeps: boolean;
  readonly #guard: SeriesGuard | undefined;
  readonly #gathered = new Wire();

  /** @param keeps - false: what a series is is checked on first sight and not kept; every series is then 0. @param guard - for one that keeps them */
  constructor(keeps: boolean, guard?: SeriesGuard, maxSeries = MAX_SERIES) {
    this.#keeps = keeps;
    this.#guard = guard;
    this.#maxSeries = maxSeries;
    this.raw = new RawTable(RAW_FORMS * maxSeries);
  }

  get isFull(): boolean {
    return this.raw.isFull || this.all.length >= this.#maxSeries;
  }

  /** The series of a raw entry. */
  of(entry: number): number {
    return this.#series[entry]!;
  }

  /**
   * The dense index of a series, or -1 (see `refusal`).
   * @param start, end - the attribute fields of the point, tags included, back to back
   * @param boundsStart, boundsEnd - bytes of the packed explicit bounds, equal when there are none
   */
  lookup(wire: Wire, header: MetricHeader, start: number, end: number, boundsStart: number, boundsEnd: number): number {
    const entry = this.raw.find(wire.view, header.entry, start, end, boundsStart, boundsEnd);
    return entry >= 0 ? this.#series[entry]! : this.#learn(wire, header, start, end, boundsStart, boundsEnd);
  }

  /** The same where other fields stand between the attributes. @param runs - starts and ends, in order */
  lookupScattered(wire: Wire, header: MetricHeader, runs: readonly number[], boundsStart: number, boundsEnd: number): number {
    const pieces: Uint8Array[] = [];
    for (let i = 0; i < runs.length; i += 2) pieces.push(wire.bytes.subarray(runs[i], runs[i + 1]));
    const attributesEnd = pieces.reduce((sum, piece) => sum + piece.length, 0);
    pieces.push(wire.bytes.subarray(boundsStart, boundsEnd));
    const gathered = this.#gathered;
    gathered.open(Buffer.concat(pieces));
    return this.lookup(gathered, header, 0, attributesEnd, attributesEnd, gathered.bytes.length);
  }

  #learn(wire: Wire, header: MetricHeader, start: number, end: number, boundsStart: number, boundsEnd: number): number {
    const position = wire.pos;
    const series = this.#keeps ? this.#describe(wire, header, start, end, boundsStart, boundsEnd) : this.#check(wire, start, end);
    wire.pos = position;
    if (series < 0) return series;
    const entry = this.raw.add(wire.view, header.entry, start, end, boundsStart, boundsEnd);
    if (entry < 0) return this.#keeps ? this.#refuse("too many series in this process") : series;
    if (entry >= this.#series.length) this.#series = wider(this.#series);
    this.#series[entry] = series;
    return series;
  }

  #refuse(why: string): number {
    this.refusal = why;
    return -1;
  }

  #check(wire: Wire, start: number, end: number): number {
    wire.pos = start;
    let attributes = 0;
    for (; wire.next(end); attributes++) checkKeyValue(wire, wire.sliceEnd(end));
    return attributes > MAX_ATTRIBUTES ? this.#refuse(`more than ${MAX_ATTRIBUTES} attributes`) : 0;
  }

  #describe(wire: Wire, header: MetricHeader, start: number, end: number, boundsStart: number, boundsEnd: number): number {
    const labels = new Map<string, string>();
    wire.pos = start;
    let attributes = 0;
    for (; wire.next(end); attributes++) {
      const sliceEnd = wire.sliceEnd(end);
      if (attributes < MAX_ATTRIBUTES) readKeyValue(wire, sliceEnd, labels);
      else checkKeyValue(wire, sliceEnd);
    }
    if (attributes > MAX_ATTRIBUTES) return this.#refuse(`more than ${MAX_ATTRIBUTES} attributes`);
    const bounds: number[] = [];
    for (let at = boundsStart; at + 8 <= boundsEnd; at += 8) bounds.push(wire.view.getFloat64(at, true));
    const { resource, scope, metric, unit, kind, monotonic } = header;
    const sorted = [...labels].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).flat();
    const seriesId = hashStrings(resource.department, metric, resource.resourceId, scope, ...sorted, "bounds", bounds.join());
    // A metric that changes its unit or kind stays the same series; what is known of it then is another thing.
    const content = `${seriesId}${kind}${monotonic}${unit}\n${resource.source}`;
    const same = this.#byContent.get(content);
    if (same !== undefined) return same;
    if (this.all.length >= this.#maxSeries) return this.#refuse("too many series in this process");
    if (this.#guard?.admit(metric, resource.source) === false) return this.#refuse("too many new series of this metric today: look for an id in a label");
    const index = this.all.length;
    this.all.push({ index, seriesId, metric, unit, kind, monotonic, resource, scope, labels, bounds });
    this.#byContent.set(content, index);
    return index;
  }
}

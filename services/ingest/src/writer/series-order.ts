import type { SeriesInfo } from "@yunwei/otlp";

/**
 * Every series' place in the order of the point tables' key (metric, department, series id). New series are sorted and merged
 * into the ones known: linear in all of them, and only when there are new ones.
 */
export class SeriesOrder {
  /** By series index. */
  rank: Int32Array = new Int32Array(0);
  /** The same for (metric, department) alone. */
  group: Int32Array = new Int32Array(0);
  groups = 0;
  #sorted = new Int32Array(0);

  /** Takes in what is new in the catalogue of a decoder. */
  update(series: readonly SeriesInfo[]): void {
    const known = this.#sorted.length;
    if (series.length === known) return;
    const compare = (a: number, b: number): number => compareSeries(series[a]!, series[b]!);
    const fresh = Int32Array.from({ length: series.length - known }, (_, i) => known + i).sort(compare);
    this.#sorted = merged(this.#sorted, fresh, compare);
    this.rank = new Int32Array(series.length);
    this.group = new Int32Array(series.length);
    let group = -1;
    let last: SeriesInfo | undefined;
    for (const [place, index] of this.#sorted.entries()) {
      const info = series[index]!;
      if (last === undefined || info.metric !== last.metric || info.resource.department !== last.resource.department) group++;
      this.rank[index] = place;
      this.group[index] = group;
      last = info;
    }
    this.groups = group + 1;
  }
}

function compareSeries(a: SeriesInfo, b: SeriesInfo): number {
  if (a.metric !== b.metric) return a.metric < b.metric ? -1 : 1;
  const [left, right] = [a.resource.department, b.resource.department];
  if (left !== right) return left < right ? -1 : 1;
  return a.seriesId < b.seriesId ? -1 : a.seriesId > b.seriesId ? 1 : 0;
}

function merged(left: Int32Array, right: Int32Array, compare: (a: number, b: number) => number): Int32Array<ArrayBuffer> {
  const out = new Int32Array(left.length + right.length);
  let l = 0;
  let r = 0;
  for (let at = 0; at < out.length; at++) {
    if (r === right.length || (l < left.length && compare(left[l]!, right[r]!) <= 0)) out[at] = left[l++]!;
    else out[at] = right[r++]!;
  }
  return out;
}

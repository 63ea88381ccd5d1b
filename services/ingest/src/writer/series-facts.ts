import type { SeriesInfo } from "@yunwei/otlp";
import { lanesOf } from "./place-columns.ts";

const KIND_CODE: Readonly<Record<string, number>> = { gauge: 1, sum: 2, delta: 3 };
/** 64-bit ids as lanes, low first: what a UInt64 column is. */
const LANES = 2;

/** Texts that many series share, as small numbers. */
class Shared {
  readonly all: string[] = [];
  readonly #index = new Map<string, number>();

  of(text: string): number {
    let index = this.#index.get(text);
    if (index === undefined) {
      index = this.all.length;
      this.#index.set(text, index);
      this.all.push(text);
    }
    return index;
  }
}

/** What every point of a series repeats in its row, in typed arrays by series index. */
export class SeriesFacts {
  size = 0;
  series = new Uint32Array(0);
  entity = new Uint32Array(0);
  kind = new Int8Array(0);
  /** Indexes into the lists of texts. */
  metric = new Uint32Array(0);
  department = new Uint32Array(0);
  site = new Uint32Array(0);
  tier = new Uint32Array(0);
  readonly metrics = new Shared();
  readonly places = new Shared();

  /** Takes in what is new in the catalogue of a decoder. */
  update(series: readonly SeriesInfo[]): void {
    if (series.length > this.kind.length) this.#grow(Math.max(series.length, 2 * this.kind.length, 1024));
    for (; this.size < series.length; this.size++) this.#take(series[this.size]!);
  }

  #take(info: SeriesInfo): void {
    const { index, resource } = info;
    const id = lanesOf(info.seriesId);
    const entity = lanesOf(resource.entityId);
    this.series[LANES * index] = id.low;
    this.series[LANES * index + 1] = id.high;
    this.entity[LANES * index] = entity.low;
    this.entity[LANES * index + 1] = entity.high;
    this.kind[index] = KIND_CODE[info.kind] ?? 1;
    this.metric[index] = this.metrics.of(info.metric);
    this.department[index] = this.places.of(resource.department);
    this.site[index] = this.places.of(resource.site);
    this.tier[index] = this.places.of(resource.tier);
  }

  #grow(size: number): void {
    const wide = (old: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> => {
      const copy = new Uint32Array(length);
      copy.set(old);
      return copy;
    };
    const kind = new Int8Array(size);
    kind.set(this.kind);
    this.kind = kind;
    this.series = wide(this.series, LANES * size);
    this.entity = wide(this.entity, LANES * size);
    this.metric = wide(this.metric, size);
    this.department = wide(this.department, size);
    this.site = wide(this.site, size);
    this.tier = wide(this.tier, size);
  }
}

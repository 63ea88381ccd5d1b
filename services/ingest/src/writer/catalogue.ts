import type { MetricDecoding, ResourceInfo, SeriesInfo } from "@yunwei/otlp";
import { ArrayColumn, DictionaryColumn, encodeBlock, FixedColumn, MapColumn, type NativeColumn, type Store, StringColumn } from "@yunwei/store";
import { ids, lanesOf, PlaceColumns, seconds } from "./place-columns.ts";

const DAY_MS = 86_400_000;
/** Series in one insert: at the turn of a day there may be a million. */
const MOST_AT_ONCE = 200_000;
/** First bytes of a Date column: days since 1970-01-01. */
const days = (): FixedColumn => new FixedColumn("Date", 2);

/**
 * Announces every series and resource once a day (of our clock) and on first sight, BEFORE the points that need it are
 * stored, so that no point is an orphan. Announcing twice is harmless: the tables replace by key.
 */
export class Catalogue {
  readonly #store: Store;
  readonly #nowMs: () => number;
  /** Day of the last announcement by index; 0 = never. */
  #seriesDay = new Uint16Array(1024);
  #resourceDay = new Uint16Array(1024);
  readonly #freshSeries = new Map<number, SeriesInfo>();
  readonly #freshResources = new Map<number, ResourceInfo>();
  #resources: readonly ResourceInfo[] | undefined;

  constructor(store: Store, nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }

  /** Notes the series of a request's points, with their resources. */
  seenPoints({ series, resources, numbers, histograms, summaries }: MetricDecoding): void {
    this.#of(resources);
    const day = this.#today();
    if (series.length > this.#seriesDay.length) this.#seriesDay = wider(this.#seriesDay, series.length);
    for (const columns of [numbers, histograms, summaries]) {
      for (let row = 0; row < columns.count; row++) {
        const index = columns.series[row]!;
        if (this.#seriesDay[index] === day || this.#freshSeries.has(index)) continue;
        const info = series[index]!;
        this.#freshSeries.set(index, info);
        this.#seenResource(info.resource, day);
      }
    }
  }

  /** Notes the resources of a request's first `count` items. */
  seenResources(resources: readonly ResourceInfo[], indexes: Int32Array, count: number): void {
    this.#of(resources);
    const day = this.#today();
    let last = -1;
    for (let row = 0; row < count; row++) {
      const index = indexes[row]!;
      if (index !== last) this.#seenResource(resources[index]!, day);
      last = index;
    }
  }

  /** With another catalogue everything has another index; a decoder begins all of them at once. */
  #of(resources: readonly ResourceInfo[]): void {
    if (resources === this.#resources) return;
    this.#resources = resources;
    this.#seriesDay = new Uint16Array(1024);
    this.#resourceDay = new Uint16Array(1024);
    this.#freshSeries.clear();
    this.#freshResources.clear();
  }

  #seenResource(info: ResourceInfo, day: number): void {
    if (info.index >= this.#resourceDay.length) this.#resourceDay = wider(this.#resourceDay, info.index + 1);
    if (this.#resourceDay[info.index] !== day) this.#freshResources.set(info.index, info);
  }

  /** Stores what was seen for the first time today; a repeat after a failure stores the same again. */
  async announce(): Promise<void> {
    const day = this.#today();
    const [series, resources] = [[...this.#freshSeries.values()], [...this.#freshResources.values()]];
    if (resources.length > 0) await this.#insert("resources", resourceColumns(resources, day, this.#nowMs()));
    for (let from = 0; from < series.length; from += MOST_AT_ONCE)
      await this.#insert("metric_series", seriesColumns(series.slice(from, from + MOST_AT_ONCE), day, this.#nowMs()));
    for (const { index } of series) this.#seriesDay[index] = day;
    for (const { index } of resources) this.#resourceDay[index] = day;
    this.#freshSeries.clear();
    this.#freshResources.clear();
  }

  #today(): number {
    return Math.floor(this.#nowMs() / DAY_MS);
  }

  async #insert(table: string, columns: Readonly<Record<string, NativeColumn>>): Promise<void> {
    await this.#store.insertNative(table, Object.keys(columns), encodeBlock(columns));
  }
}

function seriesColumns(series: readonly SeriesInfo[], day: number, nowMs: number): Readonly<Record<string, NativeColumn>> {
  const place = new PlaceColumns();
  const columns = {
    day: days(),
    ...place.columns,
    metric: new DictionaryColumn(),
    entity_id: ids(),
    series_id: ids(),
    entity: new StringColumn(),
    kind: new DictionaryColumn(),
    unit: new DictionaryColumn(),
    monotonic: new FixedColumn("Bool", 1),
    resource_id: ids(),
    scope: new DictionaryColumn(),
    labels: new MapColumn(),
    bounds: new ArrayColumn("Float64", 8),
    last_seen: seconds(),
  };
  for (const info of series) {
    const entity = lanesOf(info.resource.entityId);
    const id = lanesOf(info.seriesId);
    const resource = lanesOf(info.resource.resourceId);
    columns.day.u16(day);
    place.push(info.resource);
    columns.metric.text(info.metric);
    columns.entity_id.lanes(entity.high, entity.low);
    columns.series_id.lanes(id.high, id.low);
    columns.entity.text(info.resource.entity);
    columns.kind.text(info.kind);
    columns.unit.text(info.unit);
    columns.monotonic.u8(info.monotonic ? 1 : 0);
    columns.resource_id.lanes(resource.high, resource.low);
    columns.scope.text(info.scope);
    columns.labels.map(info.labels);
    for (const bound of info.bounds) columns.bounds.inner.f64(bound);
    columns.bounds.end();
    columns.last_seen.u32(Math.floor(nowMs / 1000));
  }
  return columns;
}

function resourceColumns(resources: readonly ResourceInfo[], day: number, nowMs: number): Readonly<Record<string, NativeColumn>> {
  const place = new PlaceColumns();
  const columns = {
    day: days(),
    ...place.columns,
    resource_id: ids(),
    entity_id: ids(),
    entity: new StringColumn(),
    service: new DictionaryColumn(),
    attrs: new MapColumn(),
    last_seen: seconds(),
  };
  for (const info of resources) {
    const id = lanesOf(info.resourceId);
    const entity = lanesOf(info.entityId);
    columns.day.u16(day);
    place.push(info);
    columns.resource_id.lanes(id.high, id.low);
    columns.entity_id.lanes(entity.high, entity.low);
    columns.entity.text(info.entity);
    columns.service.text(info.service);
    columns.attrs.map(info.attributes);
    columns.last_seen.u32(Math.floor(nowMs / 1000));
  }
  return columns;
}

function wider(old: Uint16Array<ArrayBuffer>, least: number): Uint16Array<ArrayBuffer> {
  const wide = new Uint16Array(Math.max(least, 2 * old.length));
  wide.set(old);
  return wide;
}

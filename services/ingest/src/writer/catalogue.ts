import type { ResourceInfo, SeriesInfo } from "@yunwei/otlp";
import { ArrayColumn, encodeBlock, FixedColumn, MapColumn, type NativeColumn, type Store, StringColumn } from "@yunwei/store";
import { ids, lanesOf, PlaceColumns, seconds } from "./place-columns.ts";

const DAY_MS = 86_400_000;
/** First bytes of a Date column: days since 1970-01-01. */
const days = (): FixedColumn => new FixedColumn("Date", 2);

/**
 * Announces every series and resource once a day (of our clock) and on first sight, BEFORE the points that need it are
 * stored, so that no point is an orphan. Announcing twice is harmless: the tables replace by key.
 */
export class Catalogue {
  readonly #store: Store;
  readonly #nowMs: () => number;
  readonly #seriesDay: number[] = [];
  readonly #resourceDay: number[] = [];

  constructor(store: Store, nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }

  /** @param series - the whole catalogue of a decoder; what was not announced today is */
  async announceSeries(series: readonly SeriesInfo[]): Promise<void> {
    const day = Math.floor(this.#nowMs() / DAY_MS);
    const fresh = series.filter((info) => this.#seriesDay[info.index] !== day);
    if (fresh.length === 0) return;
    await this.#insert("metric_series", seriesColumns(fresh, day, this.#nowMs()));
    for (const info of fresh) this.#seriesDay[info.index] = day;
  }

  async announceResources(resources: readonly ResourceInfo[]): Promise<void> {
    const day = Math.floor(this.#nowMs() / DAY_MS);
    const fresh = resources.filter((info) => this.#resourceDay[info.index] !== day);
    if (fresh.length === 0) return;
    await this.#insert("resources", resourceColumns(fresh, day, this.#nowMs()));
    for (const info of fresh) this.#resourceDay[info.index] = day;
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
    metric: new StringColumn(),
    entity_id: ids(),
    series_id: ids(),
    entity: new StringColumn(),
    kind: new StringColumn(),
    unit: new StringColumn(),
    monotonic: new FixedColumn("Bool", 1),
    resource_id: ids(),
    scope: new StringColumn(),
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
    service: new StringColumn(),
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

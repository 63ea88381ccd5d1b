import type { ResourceInfo } from "@yunwei/otlp";
import { RowOrder } from "./row-order.ts";

const BUCKET_MS = 300_000;

/** Items (log records, spans) of the requests of a batch, by number in the order of their coming. */
export interface ItemList {
  readonly rows: number;
  /** Which request an item is in, and its row there. */
  readonly request: Uint32Array;
  readonly row: Uint32Array;
}

/** The items of requests with these counts. */
export function listItems(counts: readonly number[]): ItemList {
  const rows = counts.reduce((sum, count) => sum + count, 0);
  const list = { rows, request: new Uint32Array(rows), row: new Uint32Array(rows) };
  let at = 0;
  for (const [request, count] of counts.entries()) {
    list.request.fill(request, at, at + count);
    for (let row = 0; row < count; row++) list.row[at + row] = row;
    at += count;
  }
  return list;
}

/** The order of logs and spans by their tables' key: (department, five minutes, service, [name,] time). Only speed hangs on it: the engine sorts what is not sorted. */
export class ItemOrder {
  readonly #rows = new RowOrder();

  /**
   * Places -> items; valid until the next call.
   * @param resource - index of each item's resource; @param timeMs - Unix milliseconds; @param name - number of each item's name, any order
   */
  sort(
    resources: readonly ResourceInfo[],
    resource: Uint32Array,
    timeMs: Float64Array,
    name?: { readonly of: Uint32Array; readonly most: number },
  ): Uint32Array {
    const rows = resource.length;
    let firstMs = Number.POSITIVE_INFINITY;
    let lastMs = Number.NEGATIVE_INFINITY;
    for (let item = 0; item < rows; item++) {
      firstMs = Math.min(firstMs, timeMs[item]!);
      lastMs = Math.max(lastMs, timeMs[item]!);
    }
    firstMs = Math.floor(firstMs / BUCKET_MS) * BUCKET_MS;
    const keys = new Uint32Array(rows);
    this.#rows.reset(rows);
    for (let item = 0; item < rows; item++) keys[item] = timeMs[item]! - firstMs;
    this.#rows.by(keys, Math.min(lastMs - firstMs, 2 ** 32 - 1));
    if (name !== undefined) this.#rows.by(name.of, name.most);
    const { service, department } = ranksOf(resources, resource);
    this.#byRank(keys, resource, service);
    if (lastMs - firstMs >= BUCKET_MS) {
      for (let item = 0; item < rows; item++) keys[item] = (timeMs[item]! - firstMs) / BUCKET_MS;
      this.#rows.by(keys, (lastMs - firstMs) / BUCKET_MS);
    }
    this.#byRank(keys, resource, department);
    return this.#rows.order;
  }

  #byRank(keys: Uint32Array, resource: Uint32Array, { rank, most }: Ranks): void {
    if (most === 0) return;
    for (let item = 0; item < keys.length; item++) keys[item] = rank[resource[item]!]!;
    this.#rows.by(keys, most);
  }
}

/** Rank of a text by resource index; 0 to `most`. */
interface Ranks {
  readonly rank: Uint32Array;
  readonly most: number;
}

function ranksOf(resources: readonly ResourceInfo[], resource: Uint32Array): { service: Ranks; department: Ranks } {
  const seen = new Set<number>(resource);
  const infos = [...seen].map((index) => resources[index]!);
  const rank = (textOf: (info: ResourceInfo) => string): Ranks => {
    const texts = [...new Set(infos.map(textOf))].sort();
    const place = new Map(texts.map((text, index) => [text, index]));
    const rank = new Uint32Array(resources.length);
    for (const info of infos) rank[info.index] = place.get(textOf(info))!;
    return { rank, most: texts.length - 1 };
  };
  return { service: rank(({ service }) => service), department: rank(({ department }) => department) };
}

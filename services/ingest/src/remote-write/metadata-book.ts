import type { MetricMetadata } from "./series-kind.ts";

/** Families kept over all tokens; what was told longest ago goes first. A sender tells everything again each minute. */
const MAX_FAMILIES = 50_000;
/** Longest help text kept, bytes. */
const MAX_HELP_BYTES = 512;
const MAX_NAME_BYTES = 512;
/** A sample's name is its family's name, or that with one of these behind it. */
const SUFFIXES: readonly string[] = ["_total", "_bucket", "_count", "_sum"];

/** What senders of 1.0 have told of their metrics: it comes in requests of its own, so it must be remembered. Lost at a restart, then told again. */
export class MetadataBook {
  /** By token id and family name, the one told last at the end. */
  readonly #families = new Map<string, MetricMetadata>();

  get isEmpty(): boolean {
    return this.#families.size === 0;
  }

  /** Copies what it keeps. */
  learn(tokenId: string, family: string, { type, unit, help }: MetricMetadata): void {
    if (family === "" || family.length > MAX_NAME_BYTES) return;
    const key = keyOf(tokenId, family);
    this.#families.delete(key);
    this.#families.set(key, { type, unit: unit.slice(0, MAX_NAME_BYTES), help: help.slice(0, MAX_HELP_BYTES) });
    if (this.#families.size <= MAX_FAMILIES) return;
    for (const oldest of this.#families.keys()) {
      this.#families.delete(oldest);
      return;
    }
  }

  /** Of the metric that a sample of this name belongs to. */
  find(tokenId: string, name: string): MetricMetadata | undefined {
    const own = this.#families.get(keyOf(tokenId, name));
    if (own !== undefined) return own;
    const ending = SUFFIXES.find((one) => name.endsWith(one));
    return ending === undefined ? undefined : this.#families.get(keyOf(tokenId, name.slice(0, -ending.length)));
  }
}

const keyOf = (tokenId: string, family: string): string => `${tokenId}\n${family}`;

import { CHUNK_RECORDS } from "@yunwei/series";
import type { Detector } from "./detector.ts";
import type { EntityState, Presence } from "./presence.ts";
import { LAYOUT_VERSION, STRIDE } from "./record-layout.ts";
import { identify, type SeriesSeed } from "./series-identity.ts";
import type { SourceClockState } from "./source-clock.ts";
import type { SourceClocks } from "./source-clocks.ts";

/** What the detector of a process consists of; restored as one. */
export interface DetectorParts {
  readonly detector: Detector;
  readonly presence: Presence;
  readonly clocks: SourceClocks;
}

/** One piece of a snapshot. A snapshot is a `head`, any number of `series`, an `entities`, and the `end`, in that order. */
export type SnapshotPiece =
  | { readonly kind: "head"; readonly layout: number; readonly stride: number; readonly takenMs: number }
  | { readonly kind: "series"; readonly seeds: readonly SeriesSeed[]; readonly records: Float64Array }
  | { readonly kind: "entities"; readonly entities: readonly EntityState[]; readonly clocks: readonly (readonly [string, SourceClockState])[] }
  | { readonly kind: "end"; readonly series: number };

/**
 * The state, piece by piece; each piece is a copy, so that points may go on between two of them (series stand alone, and
 * what is delivered again is dropped as late).
 */
export function* takeSnapshot({ detector, presence, clocks }: DetectorParts, takenMs: number): Generator<SnapshotPiece> {
  yield { kind: "head", layout: LAYOUT_VERSION, stride: STRIDE, takenMs };
  let series = 0;
  const { table } = detector;
  for (let chunk = 0; chunk * CHUNK_RECORDS < table.slots; chunk++) {
    const seeds: SeriesSeed[] = [];
    const records = new Float64Array(CHUNK_RECORDS * STRIDE);
    const source = table.chunks[chunk]!.f64;
    for (let row = 0; row < CHUNK_RECORDS; row++) {
      const identity = detector.identities[chunk * CHUNK_RECORDS + row];
      if (identity === undefined) continue;
      records.set(source.subarray(row * STRIDE, (row + 1) * STRIDE), seeds.length * STRIDE);
      const { traits: _, entityType: __, ...seed } = identity;
      seeds.push(seed);
    }
    series += seeds.length;
    yield { kind: "series", seeds, records: records.subarray(0, seeds.length * STRIDE) };
  }
  yield { kind: "entities", entities: presence.state(), clocks: clocks.state() };
  yield { kind: "end", series };
}

/**
 * Puts a snapshot into fresh parts. @returns undefined when it was restored, else why not: the parts are then spoilt and
 * must be thrown away
 */
export function restoreSnapshot({ detector, presence, clocks }: DetectorParts, pieces: Iterable<SnapshotPiece>, nowMs: number): string | undefined {
  const [head, ...rest] = pieces;
  const end = rest.pop();
  if (head?.kind !== "head") return "it does not begin with its head";
  if (head.layout !== LAYOUT_VERSION || head.stride !== STRIDE) return `its records have layout ${head.layout}, not ${LAYOUT_VERSION}`;
  if (end?.kind !== "end") return "it has no end";
  let series = 0;
  for (const piece of rest) {
    if (piece.kind === "series") {
      if (piece.records.length !== piece.seeds.length * STRIDE) return "a piece has another number of records than of names";
      for (const [row, seed] of piece.seeds.entries()) restoreSeries(detector, presence, seed, piece.records.subarray(row * STRIDE, (row + 1) * STRIDE));
      series += piece.seeds.length;
    } else if (piece.kind === "entities") {
      presence.restore(piece.entities);
      clocks.restore(piece.clocks, nowMs);
    }
  }
  return series === end.series ? undefined : `it has ${series} of ${end.series} series`;
}

function restoreSeries(detector: Detector, presence: Presence, seed: SeriesSeed, record: Float64Array): void {
  const identity = identify(seed);
  const slot = detector.register(identity);
  if (slot < 0) return;
  detector.load(slot, record);
  presence.attach(slot, identity);
}

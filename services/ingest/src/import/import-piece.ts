import type { Signal } from "@yunwei/schemas";

/** Where something stands in a file that is imported. */
export interface Place {
  /** Byte of the plain content, from 0. */
  readonly offset: number;
  /** Line or frame, from 1. */
  readonly number: number;
}

/** One Export request out of a file. */
export interface ImportPiece {
  readonly kind: "request";
  readonly signal: Signal;
  readonly encoding: "json" | "protobuf";
  readonly body: Uint8Array;
  /** Where it begins, and where to go on when it is acknowledged. */
  readonly from: Place;
  readonly next: Place;
}

/** A stretch of a file that is no telemetry. */
export interface BadPiece {
  readonly kind: "bad";
  readonly problem: string;
  readonly from: Place;
  readonly next: Place;
}

/** Takes the pieces of a file apart, from a place that an earlier one ended at. */
export type ReadPieces = (chunks: AsyncIterable<Uint8Array>, from: Place) => AsyncGenerator<ImportPiece | BadPiece>;

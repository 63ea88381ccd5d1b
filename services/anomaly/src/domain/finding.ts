import type { SeriesIdentity } from "./series-identity.ts";

/** One thing to tell about one series: what becomes a message. Times in Unix milliseconds, event time; all numbers finite. */
export interface Finding {
  readonly series: SeriesIdentity;
  readonly detector: "deviation" | "drift" | "limit" | "absence";
  readonly state: "open" | "update" | "close";
  readonly timeMs: number;
  readonly onsetMs: number;
  readonly value: number;
  readonly expected: number;
  readonly lower: number;
  readonly upper: number;
  readonly score: number;
  readonly peakScore: number;
  readonly direction: "up" | "down" | "absent";
  readonly harmful: boolean;
  readonly mature: boolean;
}

import { SEASON_FLOATS } from "@yunwei/series";

/** Doubles of one series' record, by position. Times are Unix milliseconds, 0 = not set; values in the unit of the series. */
export const R = {
  /** Points learned or scored so far. */
  points: 0,
  firstMs: 1,
  lastMs: 2,
  value: 3,
  /** Running mean of the distance of points, ms, and of its relative error. */
  intervalMs: 4,
  jitter: 5,
  /** Watermark of the source when the series last reported. */
  seenAtMs: 6,
  /** Raw count (and sum) of a cumulative series, and when: what a rate is measured from. NaN = none. */
  rawCount: 7,
  rawSum: 8,
  rawMs: 9,
  /** Copies of the metric's traits, so that scoring reads one cache line pair. */
  minAbsolute: 10,
  minRelative: 11,
  level: 12,
  /** Of the season profile against the last hours; NaN = not in use. */
  offset: 13,
  /** Learned time, ms: the season speaks after a day. */
  ageMs: 14,
  errorOfLevel: 15,
  errorOfSeason: 16,
  /** Last good deviation from the expectation, and how many points ago that was. */
  lag: 17,
  steps: 18,
  absFast: 19,
  squareFast: 20,
  absSlow: 21,
  squareSlow: 22,
  covariance0: 23,
  covariance1: 24,
  zeroShare: 25,
  /** Decayed greatest deviation that was no anomaly: what a sparse series must beat. */
  peak: 26,
  mean3: 27,
  sumUp: 28,
  sumDown: 29,
  sumUpSinceMs: 30,
  sumDownSinceMs: 31,
  /** Last three verdicts, newest in bit 0, and their common sign. */
  hits: 32,
  hitSign: 33,
  runSinceMs: 34,
  runPeak: 35,
  /** Points still to be learned without a verdict (after a gap). */
  mute: 36,
  /** Decayed number of openings: a series that cries often must cry louder. */
  budget: 37,
  /** 0 calm, else a STATE. */
  state: 38,
  onsetMs: 39,
  openedMs: 40,
  openPoints: 41,
  calmPoints: 42,
  peakScore: 43,
  direction: 44,
  limitOpen: 45,
  limitOnsetMs: 46,
  limitPoints: 47,
  limitCalm: 48,
  limitPeak: 49,
  /** STATE of the latest opening; outlives its close. */
  kind: 50,
} as const;

/** First float of the season profile in the record's float view. */
export const SEASON_AT = 2 * 52;
/** Doubles per record: 100, 800 bytes a series. */
export const STRIDE = 52 + SEASON_FLOATS / 2;
/** Raised when a field changes its place: older snapshots are then set aside and history warms up instead. */
export const LAYOUT_VERSION = 1;

export const STATE = { calm: 0, deviation: 1, drift: 2 } as const;

/** Scratch of one scored point. */
export const O = {
  expected: 0,
  lower: 1,
  upper: 2,
  score: 3,
  deviation: 4,
  slowZ: 5,
  residual: 6,
  scaleFast: 7,
  scaleSlow: 8,
  season: 9,
  threshold: 10,
} as const;
export const SCRATCH = 11;

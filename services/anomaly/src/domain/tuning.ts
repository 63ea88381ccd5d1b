/** Numbers of the tier-1 kernel (notes/anomaly.md §4); what was chosen by our own simulation says so. */
export const TUNING = {
  /**
   * Robust z that opens. SIMULATED at 15 s (12 series of 8 kinds, 6 days, false-alarms.test.ts is its small form): the 9.4 that
   * the notes give for 1 min opens at most 0.05 times a series and day, 0.27 on Student t(4) noise, and finds steps, ramps and
   * dropouts of 15 sigma by the third point; 7 opens up to 0.5, 11 is a point later and gains nothing on normal noise.
   */
  tau: 9.4,
  /** Points before a verdict, and before a band is trusted. */
  minPoints: 12,
  maturePoints: 30,
  /** Memories in points: level 30 min and scale 100 min at 15 s. */
  levelPoints: 120,
  scalePoints: 400,
  offsetPoints: 240,
  errorPoints: 1000,
  /** The season is used while its error is at most this many times the level's. */
  seasonPreference: 1.2,
  seasonAgeMs: 86_400_000,
  /** A distance over this many intervals is a gap: no verdict for the next points. */
  gapIntervals: 3.5,
  mutePoints: 3,
  /** CUSUM allowance and limit, once the season is known and before. */
  driftAllowance: 3,
  driftLimit: 50,
  youngDriftAllowance: 3,
  youngDriftLimit: 60,
  driftMinPoints: 60,
  /** A series is sparse when more than this share of its points is 0; it must then beat its own peak by this factor. */
  sparseShare: 0.5,
  sparseFactor: 1.5,
  peakHalfLifeMs: 86_400_000,
  /** Openings raise the threshold: half-life two days, never beyond threefold. */
  budgetHalfLifeMs: 2 * 86_400_000,
  budgetStep: 0.5,
  budgetMax: 3,
  /** While open nothing learns for this long; then level and offset learn at a tenth. */
  freezeMs: 6 * 3_600_000,
  relearnRate: 0.1,
  closeMinPoints: 3,
  closeMaxPoints: 240,
  maxScore: 1000,
} as const;

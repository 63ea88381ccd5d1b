/** Innovations count at most this many scales when a mean absolute deviation learns (notes/anomaly.md §4). */
export const CLIP_SCALES = 4;
/** Share of the unclipped RMS below which the scale may not fall: without it a zero-inflated series has scale 0 (AIOps F1 0.33 -> 0.48). */
const RMS_SHARE = 0.7;

/**
 * Scale of residuals from two running moments.
 * @param meanAbsolute - running mean of |r|, clipped; @param meanSquare - running mean of r², unclipped; both >= 0
 * @returns >= 0, in the unit of r: about 0.8 sigma for a normal r
 */
export function robustScale(meanAbsolute: number, meanSquare: number): number {
  const floor = RMS_SHARE * Math.sqrt(meanSquare);
  return Math.max(meanAbsolute, floor);
}

/** `value` moved into [-limit, limit]; `limit` >= 0. NaN stays NaN. */
export function clip(value: number, limit: number): number {
  return value > limit ? limit : Math.max(value, -limit);
}

/** One point may add at most this: a single outlier is not a drift. */
const CLIP = 6;

/**
 * One step of a one-sided cumulative sum (E. S. Page, Biometrika 41, 1954), with the input clipped.
 * @param sum - >= 0; @param z - standardised deviation, positive in the watched direction; @param allowance - what a healthy series may have for free
 * @returns the new sum, >= 0
 */
export function cusumStep(sum: number, z: number, allowance: number): number {
  const next = sum + Math.min(z, CLIP) - allowance;
  return Math.max(next, 0);
}

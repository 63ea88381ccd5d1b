/** What values of a unit are counted in, from small to large. */
const SCALES: Readonly<Record<string, readonly number[]>> = {
  By: [1, 1024, 1024 ** 2, 1024 ** 3, 1024 ** 4, 1024 ** 5],
  "By/s": [1, 1024, 1024 ** 2, 1024 ** 3, 1024 ** 4, 1024 ** 5],
  s: [1e-6, 1e-3, 1, 60, 3600, 86_400],
};
const TICKS = 4;

/**
 * Distance of the ticks of an axis from 0 to `highest`: 1, 2, 2.5 or 5 times a power of ten of what people count the
 * unit in, some 4 ticks. @param highest - > 0 @returns undefined for units that count in plain tens
 */
export function tickStep(highest: number, unit: string): number | undefined {
  const scales = SCALES[unit];
  if (scales === undefined || !(highest > 0) || !Number.isFinite(highest)) return undefined;
  const scale = scales.findLast((one) => one <= highest) ?? scales[0]!;
  const rough = highest / scale / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find((one) => one * power >= rough) ?? 10;
  return factor * power * scale;
}

import { formatDuration, type UnitName } from "./duration.ts";

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;
/** UCUM units of time, in seconds. */
const TIME_UNITS: ReadonlyMap<string, number> = new Map([
  ["s", 1],
  ["ms", 1e-3],
  ["us", 1e-6],
  ["ns", 1e-9],
  ["min", 60],
  ["h", 3600],
  ["d", 86_400],
]);
/** Names whose unit `1` means a share of a whole. */
const RATIO = /(ratio|utilization|loss|io_time)$/;

/** Whether values of this metric are shown in per cent. */
export function isRatio(metric: string, unit: string): boolean {
  return (unit === "1" || unit === "") && RATIO.test(metric);
}

/**
 * A measured value as people read it: `180 ms`, `31 %`, `3.2 GiB`, `12 d`, three significant digits. UCUM units as OTLP
 * carries them; `{lock}` and `1` count things, and the name of the metric says what.
 * @returns undefined for what is not finite
 */
export function formatValue(value: number | null, unit: string, metric: string, unitName: (name: UnitName) => string): string | undefined {
  if (value === null || !Number.isFinite(value)) return undefined;
  const seconds = TIME_UNITS.get(unit);
  if (seconds !== undefined) return formatSeconds(value * seconds, unitName);
  if (unit === "%") return `${digits(value)} %`;
  if (isRatio(metric, unit)) return `${digits(value * 100)} %`;
  if (unit === "By") return formatBytes(value);
  if (unit === "By/s") return `${formatBytes(value)}/s`;
  if (unit === "W" && Math.abs(value) >= 1000) return `${digits(value / 1000)} kW`;
  const plain = unit.replace(/\{[^}]*\}/g, "").replace(/^1(?=\/|$)/, "");
  return plain === "" || plain.startsWith("/") ? `${digits(value)}${plain}` : `${digits(value)} ${plain}`;
}

export function formatBytes(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (Math.abs(size) >= 1024 && unit < BYTE_UNITS.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${digits(size)} ${BYTE_UNITS[unit]}`;
}

/** A share as a whole per cent, 100 only when it is: certainty is not given away by rounding. @param ratio - 0..1 */
export function formatPercent(ratio: number): string {
  return `${ratio >= 1 ? 100 : Math.max(0, Math.min(Math.round(ratio * 100), 99))}%`;
}

/** A count with thousands marks. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}

function formatSeconds(seconds: number, unitName: (name: UnitName) => string): string {
  const size = Math.abs(seconds);
  if (size >= 120) return `${seconds < 0 ? "-" : ""}${formatDuration(size * 1000, unitName)}`;
  if (size >= 1 || size === 0) return `${digits(seconds)} s`;
  return size >= 1e-3 ? `${digits(seconds * 1e3)} ms` : `${digits(seconds * 1e6)} µs`;
}

function digits(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en-US");
  // Number() drops trailing zeros; a tiny number beside 0 is 0 to people.
  return String(Number(value.toPrecision(3)));
}

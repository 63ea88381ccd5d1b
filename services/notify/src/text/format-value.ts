import { familyOfMetric } from "@yunwei/schemas";
import type { NotifyMessages } from "../messages/messages.ts";

const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;
const BYTE_UNITS = ["B", "KB", "MB", "GB", "TB", "PB"] as const;
/** UCUM time units in seconds. */
const TIME_UNITS: ReadonlyMap<string, number> = new Map([
  ["s", 1],
  ["ms", 1e-3],
  ["us", 1e-6],
  ["ns", 1e-9],
  ["min", MINUTE_S],
  ["h", HOUR_S],
  ["d", DAY_S],
]);

/**
 * A measured value as people say it: `180 ms`, `31 %`, `3.2 GB`, `12 d`. Three significant digits.
 * @param unit - UCUM, as OTLP carries it; `metric` tells a ratio from a count where the unit is `1`
 */
export function formatValue(value: number, unit: string, metric: string, messages: NotifyMessages): string {
  if (!Number.isFinite(value)) return messages.noData;
  const seconds = TIME_UNITS.get(unit);
  if (seconds !== undefined) return formatSeconds(value * seconds, messages);
  if (unit === "%") return `${digits(value)} %`;
  if (unit === "1" && isRatio(metric)) return `${digits(value * 100)} %`;
  if (unit === "By") return formatBytes(value);
  if (unit === "By/s") return `${formatBytes(value)}/s`;
  if (unit === "W" && Math.abs(value) >= 1000) return `${digits(value / 1000)} kW`;
  // `{lock}` and `1` count things; the words before the number say what.
  const plain = unit.replace(/\{[^}]*\}/g, "").replace(/^1(?=\/|$)/, "");
  return plain === "" || plain.startsWith("/") ? `${digits(value)}${plain}` : `${digits(value)} ${plain}`;
}

/** A length of time in its two largest parts at most: `1 h 5 min`, `12 d`; below a minute: `0 min`. @param durationMs - negative counts as 0 */
export function formatDuration(durationMs: number, messages: NotifyMessages): string {
  const minutes = Math.max(Math.floor(durationMs / 60_000), 0);
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} ${messages.days}`;
  if (hours === 0) return `${minutes} ${messages.minutes}`;
  return minutes % 60 === 0 ? `${hours} ${messages.hours}` : `${hours} ${messages.hours} ${minutes % 60} ${messages.minutes}`;
}

/** A share as a whole per cent, never 100 unless it is: certainty is not given away by rounding. @param ratio - 0..1 */
export function formatPercent(ratio: number): string {
  return `${ratio >= 1 ? 100 : Math.min(Math.round(ratio * 100), 99)}%`;
}

function isRatio(metric: string): boolean {
  const range = familyOfMetric(metric).range;
  return (range?.[0] === 0 && range[1] === 1) || /(ratio|utilization|loss)$/.test(metric);
}

function formatSeconds(seconds: number, messages: NotifyMessages): string {
  const size = Math.abs(seconds);
  if (size >= DAY_S) return `${digits(seconds / DAY_S)} ${messages.days}`;
  if (size >= HOUR_S) return `${digits(seconds / HOUR_S)} ${messages.hours}`;
  if (size >= 2 * MINUTE_S) return `${digits(seconds / MINUTE_S)} ${messages.minutes}`;
  if (size >= 1 || size === 0) return `${digits(seconds)} s`;
  return size >= 1e-3 ? `${digits(seconds * 1e3)} ms` : `${digits(seconds * 1e6)} µs`;
}

function formatBytes(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (Math.abs(size) >= 1024 && unit < BYTE_UNITS.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${digits(size)} ${BYTE_UNITS[unit]}`;
}

function digits(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en-US");
  // Number() drops trailing zeros.
  return String(Number(value.toPrecision(3)));
}

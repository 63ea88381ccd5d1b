import type { Language } from "../messages/messages.ts";

/** The one zone of the console; shown beside the times. */
export const ZONE = "Asia/Shanghai";

const PARTS = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE,
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

interface Parts {
  readonly year: string;
  readonly month: string;
  readonly day: string;
  readonly hour: string;
  readonly minute: string;
  readonly second: string;
}

function partsOf(ms: number): Parts {
  const parts: Record<string, string> = {};
  for (const { type, value } of PARTS.formatToParts(ms)) parts[type] = value;
  return parts as unknown as Parts;
}

/** `2026-11-26 14:03:20` in Beijing, whatever the browser's zone. "" for what is no time. */
export function fullTime(ms: number): string {
  if (!Number.isFinite(ms)) return "";
  const { year, month, day, hour, minute, second } = partsOf(ms);
  return `${year}-${month}-${day} ${hour}:${minute}:${second}`;
}

/** As short as it stays clear: `14:03:20` today, `11-24 14:03` this year, else with the year. */
export function shortTime(ms: number, nowMs: number): string {
  if (!Number.isFinite(ms)) return "";
  const [time, now] = [partsOf(ms), partsOf(nowMs)];
  if (time.year === now.year && time.month === now.month && time.day === now.day) return `${time.hour}:${time.minute}:${time.second}`;
  const date = `${time.month}-${time.day} ${time.hour}:${time.minute}`;
  return time.year === now.year ? date : `${time.year}-${date}`;
}

/** `14:03`, for axes and evidence. */
export function clockTime(ms: number): string {
  const { hour, minute } = partsOf(ms);
  return `${hour}:${minute}`;
}

/** A tick of a time axis: the clock within a day, else the date too. */
export function axisTime(ms: number, spanMs: number): string {
  const { month, day, hour, minute } = partsOf(ms);
  return spanMs > 36 * 3_600_000 ? `${month}-${day} ${hour}:${minute}` : `${hour}:${minute}`;
}

/** Milliseconds of nanoseconds told as a decimal string. */
export function msOfNano(unixNano: string): number {
  return Number(BigInt(unixNano) / 1_000_000n);
}

/** What a field of type `datetime-local` shows of a time, and back: both in Beijing time. */
export function toLocalField(ms: number): string {
  const { year, month, day, hour, minute } = partsOf(ms);
  return `${year}-${month}-${day}T${hour}:${minute}`;
}

/** @returns ISO 8601 with Beijing's offset (the same all year since 1992), or "" for what is no time */
export function ofLocalField(text: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(text) ? `${text.length === 16 ? `${text}:00` : text}+08:00` : "";
}

export const HTML_LANGUAGE: Readonly<Record<Language, string>> = { zh: "zh-CN", en: "en" };

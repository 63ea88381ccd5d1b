import { type WallTime, ZoneClock } from "../log-door/zone-clock.ts";

/*
 * Times that senders write:
 *   RFC 5424  2026-11-26T14:00:00.123456+08:00       also with a blank for the T, and without a zone
 *   RFC 3164  Nov 26 14:00:00
 *   Huawei    Nov 26 2026 14:00:00[+08:00]
 *   H3C       Nov 26 14:00:00 2026
 *   Cisco     Nov 26 14:00:00.123 CST:  or  Nov 26 2026 14:00:00 UTC:     (the zone's word only before ": %")
 */
const ISO = /(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?(?![\d.])/iy;
const BSD =
  /(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}(\d{1,2}) (?:(\d{4}) )?(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: (\d{4})(?= ))?([+-]\d\d:?\d\d)?(?: (UTC|GMT|[A-Z]{3,5})(?=: %))?/iy;
const utc = new ZoneClock("UTC");
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** A time that was found in a text. */
export interface FoundTime {
  readonly timeMs: number | undefined;
  readonly text: string;
  /** Where the text goes on. */
  readonly end: number;
}

/**
 * The time that stands at `from`, or undefined when none does. A time without a zone is read in `zone`, one without a year
 * as ZoneClock says. Words for zones other than UTC and GMT are not trusted (CST is six of them): `zone` counts.
 */
export function findTime(text: string, from: number, zone: ZoneClock, receivedMs: number): FoundTime | undefined {
  ISO.lastIndex = from;
  const iso = ISO.exec(text);
  if (iso !== null) {
    const wall = wallOf(Number(iso[1]), Number(iso[2]), iso[3]!, iso[4]!, iso[5]!, iso[6]!, iso[7]);
    return { timeMs: resolve(wall, iso[8], zone, receivedMs), text: iso[0], end: ISO.lastIndex };
  }
  BSD.lastIndex = from;
  const bsd = BSD.exec(text);
  if (bsd === null) return undefined;
  const year = bsd[3] ?? bsd[8];
  const month = MONTHS.indexOf(bsd[1]!.toLowerCase()) + 1;
  const wall = wallOf(year === undefined ? undefined : Number(year), month, bsd[2]!, bsd[4]!, bsd[5]!, bsd[6]!, bsd[7]);
  const isUtc = bsd[10] === "UTC" || bsd[10] === "GMT";
  return { timeMs: resolve(wall, isUtc ? "Z" : bsd[9], zone, receivedMs), text: bsd[0], end: BSD.lastIndex };
}

function wallOf(year: number | undefined, month: number, day: string, hour: string, minute: string, second: string, fraction: string | undefined): WallTime {
  const millisecond = Number((fraction ?? "").slice(0, 3).padEnd(3, "0"));
  return { year, month, day: Number(day), hour: Number(hour), minute: Number(minute), second: Number(second), millisecond };
}

function resolve(wall: WallTime, offset: string | undefined, zone: ZoneClock, receivedMs: number): number | undefined {
  if (offset === undefined) return zone.utcMs(wall, receivedMs);
  const aheadMs = aheadOf(offset);
  const localMs = utc.utcMs(wall, receivedMs + aheadMs);
  return localMs === undefined ? undefined : localMs - aheadMs;
}

/** How far a zone written as Z, +08:00 or -0330 is ahead of UTC. */
function aheadOf(offset: string): number {
  if (offset.length === 1) return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  return (offset[0] === "-" ? -minutes : minutes) * 60_000;
}

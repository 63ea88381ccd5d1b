const PARTS = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Asia/Shanghai",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/** A moment in Beijing time: `06-18 14:03:20`. @param ms - Unix milliseconds */
export function beijingDateTime(ms: number): string {
  const at = partsOf(ms);
  return `${at["month"]}-${at["day"]} ${at["hour"]}:${at["minute"]}:${at["second"]}`;
}

/** A moment in Beijing time as short as it can be: `14:03`, with the date unless it is the day of `nowMs`. */
export function beijingClock(ms: number, nowMs: number): string {
  const at = partsOf(ms);
  const now = partsOf(nowMs);
  const clock = `${at["hour"]}:${at["minute"]}`;
  const sameDay = at["day"] === now["day"] && at["month"] === now["month"] && at["year"] === now["year"];
  return sameDay ? clock : `${at["month"]}-${at["day"]} ${clock}`;
}

function partsOf(ms: number): Record<string, string> {
  return Object.fromEntries(PARTS.formatToParts(ms).map((part) => [part.type, part.value]));
}

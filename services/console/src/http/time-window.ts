import { YunweiError } from "@yunwei/service-kit";
import { Type } from "typebox";
import { MAX_SPAN_MS } from "../domain/point-plan.ts";

const Instant = Type.String({ format: "date-time", maxLength: 40 });
/** Query properties of a stretch of event time. */
export const WINDOW_QUERY = { from: Type.Optional(Instant), to: Type.Optional(Instant) };

/**
 * @param fallbackMs - length of the stretch when `from` is not given; it ends at `to`, else now
 * @throws YunweiError YUNWEI_BODY_INVALID when it is empty, too long or out of what the store can hold
 */
export function windowOf(query: { from?: string; to?: string }, nowMs: number, fallbackMs: number): { readonly fromMs: number; readonly untilMs: number } {
  const untilMs = query.to === undefined ? nowMs : Date.parse(query.to);
  const fromMs = query.from === undefined ? untilMs - fallbackMs : Date.parse(query.from);
  if (!(fromMs < untilMs)) throw new YunweiError("YUNWEI_BODY_INVALID", "`from` must lie before `to`.");
  if (untilMs - fromMs > MAX_SPAN_MS) throw new YunweiError("YUNWEI_BODY_INVALID", `At most ${MAX_SPAN_MS / 86_400_000} days can be asked for at once.`);
  if (fromMs < 0 || untilMs > 4_294_967_000_000) throw new YunweiError("YUNWEI_BODY_INVALID", "Times lie between 1970 and 2106.");
  return { fromMs, untilMs };
}

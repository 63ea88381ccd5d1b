import { useRef } from "react";
import type { Incident } from "../api/contracts.ts";
import { useWords } from "../format/use-words.ts";
import { clockReading } from "./clock-reading.ts";
import { useNow } from "./use-now.ts";

/** A clock of an incident in words, running on between two answers of the server. */
export function ClockText({ name, clock }: { name: "respond" | "restore"; clock: Incident["respond"] }) {
  const { t, duration } = useWords();
  const now = useNow();
  // The server read the clock when this answer came; the browser's own clock only tells how long ago that was.
  const read = useRef({ clock, atMs: Date.now() });
  if (read.current.clock !== clock) read.current = { clock, atMs: Date.now() };
  const { state, ms } = clockReading(clock, now - read.current.atMs);
  return (
    <span className={state === "over" || state === "missed" ? "clock clock-over" : "clock"}>
      {t(`clocks/${name}`)} {state === "over" ? <span aria-hidden="true">! </span> : null}
      {t(`clocks/${state}`, { duration: duration(ms) })}
    </span>
  );
}

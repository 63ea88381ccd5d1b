import type { Signal } from "@yunwei/schemas";

/** What a signal is called in names of rows: issue 6 says spans, the code says traces. */
export function rowName(signal: Signal): string {
  return signal === "traces" ? "spans" : signal;
}

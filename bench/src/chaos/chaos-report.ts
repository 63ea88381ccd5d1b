import type { Signal } from "@yunwei/schemas";
import type { ChaosResult } from "./run-chaos.ts";

const SIGNALS: readonly Signal[] = ["metrics", "logs", "traces"];

/** Why a run is not good; empty: nothing was lost or doubled. */
export function complaintsOf(result: ChaosResult): string[] {
  const complaints: string[] = [];
  for (const signal of SIGNALS) {
    for (const [table, { lost, doubled, examples }] of Object.entries(result.verdicts[signal])) {
      if (lost + doubled > 0) complaints.push(`${table}: ${lost} lost, ${doubled} doubled${examples.length > 0 ? ` (${examples.join("; ")})` : ""}`);
    }
    if (result.counts[signal].rejected > 0) complaints.push(`${signal}: ${result.counts[signal].rejected} items were rejected, and none was wrong`);
  }
  if (!result.drained) complaints.push("messages were left unstored");
  if (result.deadLetters > 0) complaints.push(`${result.deadLetters} messages went to the dead letters, and none was wrong`);
  complaints.push(...(result.accounts ?? []));
  for (const [answer, count] of Object.entries(result.strange)) complaints.push(`${count} times the answer was ${answer}`);
  return complaints;
}

/** The closing table. */
export function chaosTable(result: ChaosResult): string {
  const head = ["signal", "table", "sent", "acknowledged", "stored", "lost", "doubled", "sent again"];
  const rows = SIGNALS.flatMap((signal) => {
    const { sent, acknowledged } = result.counts[signal];
    return Object.entries(result.verdicts[signal]).map(([table, { stored, lost, doubled, repeated }]) =>
      [signal, table, sent, acknowledged, stored, lost, doubled, repeated].map((cell) => (typeof cell === "number" ? cell.toLocaleString("en-US") : cell)),
    );
  });
  const widths = head.map((text, column) => Math.max(text.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join("  ");
  return [head, ...rows].map((cells) => line(cells).trimEnd()).join("\n");
}

/** The contents of `--json`. */
export function chaosJson(result: ChaosResult, run: { readonly scenario: string; readonly seed: number; readonly seconds: number }): object {
  const signals = Object.fromEntries(
    SIGNALS.map((signal) => {
      const counts = result.counts[signal];
      const tables = Object.entries(result.verdicts[signal]).map(([table, verdict]) => [table, { ...counts, ...verdict }]);
      return [signal, Object.fromEntries(tables)];
    }),
  );
  const { events, crashes, strange, deadLetters, accounts = null, drained } = result;
  return { ...run, events, signals, crashes, strange, deadLetters, accounts, drained, complaints: complaintsOf(result) };
}

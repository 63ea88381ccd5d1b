import type { BenchRow } from "./bench-row.ts";

const HEAD = ["figure", "value", "unit", "target", "holds"] as const;
/** Columns of numbers stand to the right. */
const RIGHT: readonly boolean[] = [false, true, false, false, false];

/** Rows as a table for a terminal. */
export function benchTable(rows: readonly BenchRow[]): string {
  const cells = [
    [...HEAD],
    ...rows.map(({ name, value, unit, target, holds }) => [name, figure(value), unit, target ?? "", holds === null ? "" : holds ? "yes" : "NO"]),
  ];
  const widths = HEAD.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (RIGHT[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join("  ")
      .trimEnd();
  return [line(cells[0]!), widths.map((width) => "-".repeat(width)).join("  "), ...cells.slice(1).map(line)].join("\n");
}

/** Three digits that matter, with separators for thousands; `-` for NaN. */
function figure(value: number): string {
  if (!Number.isFinite(value)) return "-";
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(3)));
}

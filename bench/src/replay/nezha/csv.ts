/** A table of text cells with its column names. */
export interface CsvTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Reads CSV (RFC 4180: quoted cells may hold commas, line ends and doubled quotes). A row that is too short is filled up with empty cells; empty lines are left out. */
export function parseCsv(text: string): CsvTable {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    const { cell, end } = readCell(text, at);
    row.push(cell);
    at = end + 1;
    if (text[end] === ",") {
      if (at >= text.length) row.push("");
      continue;
    }
    if (text[end] === "\r" && text[at] === "\n") at++;
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  }
  if (row.length > 0) rows.push(row);
  const [columns = [], ...data] = rows;
  for (const short of data) while (short.length < columns.length) short.push("");
  return { columns, rows: data };
}

function readCell(text: string, from: number): { cell: string; end: number } {
  if (text[from] !== '"') {
    let end = from;
    while (end < text.length && text[end] !== "," && text[end] !== "\n" && text[end] !== "\r") end++;
    return { cell: text.slice(from, end), end };
  }
  let cell = "";
  let at = from + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return { cell: cell + text.slice(at), end: text.length };
    cell += text.slice(at, quote);
    if (text[quote + 1] !== '"') return { cell, end: quote + 1 };
    cell += '"';
    at = quote + 2;
  }
}

/** Position of a column. @throws Error naming it when it is not there */
export function columnOf(table: CsvTable, name: string): number {
  const at = table.columns.indexOf(name);
  if (at < 0) throw new Error(`there is no column ${name}`);
  return at;
}

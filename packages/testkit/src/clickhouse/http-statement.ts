/** An HTTP request to ClickHouse, read. */
export type HttpStatement =
  | {
      readonly kind: "insert";
      readonly database: string;
      readonly table: string;
      readonly columns: readonly string[];
      readonly format: InsertFormat;
      /** Of the engine, as the client sent them; the token among them. */
      readonly settings: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: "statement";
      readonly database: string;
      readonly sql: string;
      readonly format: string;
      readonly parameters: Readonly<Record<string, StatementValue>>;
    };

type InsertFormat = "Native" | "JSONEachRow";
type StatementValue = string | readonly (string | number)[];

const INSERT = /^\s*INSERT\s+INTO\s+`?(\w+)`?\s*\(([\w`,\s]+)\)\s*FORMAT\s+(Native|JSONEachRow)\s*$/i;
/** What stands in the address of an INSERT and is no setting of the engine's. */
const OF_HTTP: ReadonlySet<string> = new Set(["database", "query", "query_id", "wait_end_of_query", "enable_http_compression"]);
const SETTING = /^[a-z0-9_]+$/;
const FORMAT = /\s+FORMAT\s+(\w+)\s*;?\s*$/i;

/**
 * What a request asks for. With `query` in the address the body is data of an INSERT; without it the body is the statement.
 * @param body - of a request without `query`
 * @throws Error for an INSERT that carries its data inside the statement, and for one in a shape that is not understood
 */
export function readHttpStatement(search: URLSearchParams, body: string): HttpStatement {
  const database = search.get("database") ?? "default";
  const query = search.get("query");
  if (query !== null && /^\s*INSERT/i.test(query)) {
    const match = INSERT.exec(query);
    if (match === null) throw new Error("only INSERT INTO table (columns) FORMAT Native or JSONEachRow is understood here, with the data as the body");
    const columns = match[2]!.split(",").map((name) => name.trim().replaceAll("`", ""));
    const format = match[3]!.toLowerCase() === "native" ? "Native" : "JSONEachRow";
    const settings = Object.fromEntries([...search].filter(([name]) => !OF_HTTP.has(name) && SETTING.test(name)));
    return { kind: "insert", database, table: match[1]!, columns, format, settings };
  }
  const text = query ?? body;
  if (/^\s*INSERT\b/i.test(text) && !/\bSELECT\b/i.test(text))
    throw new Error("data inside a statement is not taken here: send it as the body, the statement as ?query=");
  const format = FORMAT.exec(text)?.[1] ?? "TabSeparated";
  return { kind: "statement", database, sql: text.replace(FORMAT, ""), format, parameters: parametersOf(search, text) };
}

function parametersOf(search: URLSearchParams, sql: string): Record<string, StatementValue> {
  const parameters: Record<string, StatementValue> = {};
  for (const [name, text] of search) {
    if (!name.startsWith("param_")) continue;
    const key = name.slice("param_".length);
    const isArray = new RegExp(`\\{\\s*${key}\\s*:\\s*Array`).test(sql);
    parameters[key] = isArray ? readArray(text) : plainText(text);
  }
  return parameters;
}

/** A value of one field in ClickHouse's TabSeparated: backslash escapes. */
function plainText(text: string): string {
  const plain: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", "0": "\0" };
  return text.replace(/\\([\s\S])/g, (_, letter: string) => plain[letter] ?? letter);
}

/** `['a','b']` or `[1,2]`, flat. */
function readArray(text: string): (string | number)[] {
  return [...text.matchAll(/'((?:\\[\s\S]|[^'\\])*)'|(-?[\d.]+(?:e[+-]?\d+)?)/gi)].map((match) =>
    match[1] === undefined ? Number(match[2]) : plainText(match[1]),
  );
}

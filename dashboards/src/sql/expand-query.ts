/** What Grafana knows when it sends a query. */
export interface QueryContext {
  readonly fromMs: number;
  readonly toMs: number;
  /** Step of a time series; below one second it counts as one. */
  readonly intervalMs: number;
  /** Values of each variable; "all" for All. */
  readonly variables: Readonly<Record<string, readonly string[] | "all">>;
}

/** A query that Grafana's ClickHouse data source would refuse or take another way than it reads. */
export class QueryRefused extends Error {}

/**
 * Expands a query as Grafana and its ClickHouse data source do, in their order: `$__conditionalAll`, variables, macros. Stricter where
 * they are silently wrong: an unknown variable or macro, a list without `:singlequote`, brackets or commas in quotes inside a macro.
 * @throws QueryRefused
 */
export function expandQuery(sql: string, context: QueryContext): string {
  const conditional = expandCalls(sql, "conditionalAll", (parameters) => conditionalAll(parameters, context));
  return expandMacros(expandVariables(conditional, context), context);
}

function conditionalAll(parameters: readonly string[], context: QueryContext): string {
  if (parameters.length !== 2) throw new QueryRefused(`$__conditionalAll takes a condition and a variable, not ${parameters.length} parameters`);
  const name = /^\$(\w+)$/.exec(parameters[1]!.trim())?.[1];
  if (name === undefined) throw new QueryRefused(`$__conditionalAll wants a bare variable, not ${parameters[1]}`);
  const value = chosen(name, context);
  return value === "all" || value.length === 0 ? "1=1" : parameters[0]!;
}

function chosen(name: string, context: QueryContext): readonly string[] | "all" {
  const value = Object.hasOwn(context.variables, name) ? context.variables[name] : undefined;
  if (value === undefined) throw new QueryRefused(`variable $${name} is not defined`);
  return value;
}

function expandVariables(sql: string, context: QueryContext): string {
  return sql.replaceAll(/\$\{(\w+)(?::(\w+))?\}|\$(?!__)(\w+)/g, (_, braced: string | undefined, format: string | undefined, bare: string | undefined) => {
    const name = braced ?? bare!;
    const value = chosen(name, context);
    if (value === "all") throw new QueryRefused(`$${name} is All outside a $__conditionalAll`);
    if (format === "singlequote") return value.map((text) => `'${text.replaceAll("'", "\\'")}'`).join(",");
    if (format !== undefined) throw new QueryRefused(`format :${format} of $${name} is not one of ours`);
    throw new QueryRefused(`$${name} is pasted unescaped: write \${${name}:singlequote}`);
  });
}

type Macro = (parameters: readonly string[], context: QueryContext) => string;

const seconds = (ms: number): number => Math.floor(ms / 1000);
const dateTime = (ms: number): string => `toDateTime(${seconds(ms)})`;
const milliseconds = (ms: number): string => `fromUnixTimestamp64Milli(${Math.floor(ms)})`;
const date = (ms: number): string => `toDate('${new Date(ms).toISOString().slice(0, 10)}')`;
const step = (context: QueryContext): number => Math.max(1, seconds(context.intervalMs));
const between = (column: string, from: string, to: string): string => `${column} >= ${from} AND ${column} <= ${to}`;

/** The macros of the data source that every version since 4.0 knows. */
const MACROS: Readonly<Record<string, { readonly parameters: number; readonly expand: Macro }>> = {
  fromTime: { parameters: 0, expand: (_, { fromMs }) => dateTime(fromMs) },
  toTime: { parameters: 0, expand: (_, { toMs }) => dateTime(toMs) },
  fromTime_ms: { parameters: 0, expand: (_, { fromMs }) => milliseconds(fromMs) },
  toTime_ms: { parameters: 0, expand: (_, { toMs }) => milliseconds(toMs) },
  interval_s: { parameters: 0, expand: (_, context) => String(step(context)) },
  timeFilter: { parameters: 1, expand: ([column], { fromMs, toMs }) => between(column!, dateTime(fromMs), dateTime(toMs)) },
  timeFilter_ms: { parameters: 1, expand: ([column], { fromMs, toMs }) => between(column!, milliseconds(fromMs), milliseconds(toMs)) },
  dateFilter: { parameters: 1, expand: ([column], { fromMs, toMs }) => between(column!, date(fromMs), date(toMs)) },
  dateTimeFilter: { parameters: 2, expand: dateTimeFilter },
  dt: { parameters: 2, expand: dateTimeFilter },
  timeInterval: { parameters: 1, expand: ([column], context) => `toStartOfInterval(toDateTime(${column}), INTERVAL ${step(context)} second)` },
  timeInterval_ms: {
    parameters: 1,
    expand: ([column], { intervalMs }) => `toStartOfInterval(toDateTime64(${column}, 3), INTERVAL ${Math.max(1, Math.floor(intervalMs))} millisecond)`,
  },
};

function dateTimeFilter([day, time]: readonly string[], { fromMs, toMs }: QueryContext): string {
  return `(${between(day!, date(fromMs), date(toMs))}) AND (${between(time!, dateTime(fromMs), dateTime(toMs))})`;
}

function expandMacros(sql: string, context: QueryContext): string {
  let expanded = sql;
  for (const [name, { parameters, expand }] of Object.entries(MACROS)) {
    if (parameters === 0) expanded = expanded.replaceAll(new RegExp(`\\$__${name}\\b`, "g"), () => expand([], context));
    else {
      expanded = expandCalls(expanded, name, (given) => {
        if (given.length !== parameters || given.some((one) => !/^[\w.]+$/.test(one.trim()))) {
          throw new QueryRefused(`$__${name} takes ${parameters} plain column name(s), not (${given.join(",")})`);
        }
        return expand(
          given.map((one) => one.trim()),
          context,
        );
      });
    }
  }
  const unknown = /\$__\w+/.exec(expanded)?.[0];
  if (unknown !== undefined) throw new QueryRefused(`macro ${unknown} is not known`);
  return expanded;
}

/** Replaces each `$__name(...)`, the last first, so that a call inside another's parameters is expanded before it. */
function expandCalls(sql: string, name: string, expand: (parameters: readonly string[]) => string): string {
  const opening = `$__${name}(`;
  let text = sql;
  for (let at = text.lastIndexOf(opening); at !== -1; at = text.lastIndexOf(opening)) {
    const { parameters, end } = parametersOf(text, at + opening.length, name);
    text = text.slice(0, at) + expand(parameters) + text.slice(end);
  }
  return text;
}

function parametersOf(text: string, start: number, name: string): { parameters: string[]; end: number } {
  const parameters: string[] = [];
  let depth = 1;
  let from = start;
  let quoted = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at]!;
    if (character === "'" && text[at - 1] !== "\\") quoted = !quoted;
    // The data source splits at every bracket and comma, in quotes too: it would not see what the reader sees.
    else if (quoted && "(),".includes(character)) throw new QueryRefused(`$__${name} has a bracket or comma inside quotes`);
    else if (character === "(") depth++;
    else if (character === "," && depth === 1) {
      parameters.push(text.slice(from, at));
      from = at + 1;
    } else if (character === ")" && --depth === 0) {
      parameters.push(text.slice(from, at));
      return { parameters, end: at + 1 };
    }
  }
  throw new QueryRefused(`$__${name} has no closing bracket`);
}

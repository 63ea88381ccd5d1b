import { type DashboardJson, queriesOf, variablesIn } from "./dashboard-json.ts";

/** What is wrong where, in words for the one who mends it. */
export type Finding = readonly [where: string, what: string];
export type Rule = (dashboard: DashboardJson, uids: ReadonlySet<string>) => Finding[];

const TIME_BOUND = /\$__(timeFilter|timeFilter_ms|dateFilter|dateTimeFilter|dt|toTime|toTime_ms)\b/;

/** Rules about SQL: what makes it wrong, unsafe or too dear, and what the data source would take otherwise than it reads. */
export const QUERY_RULES: Readonly<Record<string, Rule>> = {
  "query-bound-in-time": (dashboard) =>
    queriesOf(dashboard)
      .filter(({ sql }) => !TIME_BOUND.test(sql))
      .map(({ where }) => [where, "reads the whole table: add a time filter"]),

  "query-bound-in-rows": (dashboard) => [
    ...dashboard.panels.flatMap((panel) =>
      (panel.targets ?? [])
        .filter(({ format, rawSql }) => format !== 0 && !/\bLIMIT \d+$/.test(rawSql.trim()))
        .map(({ refId }): Finding => [`panel ${panel.id} ${refId}`, "may return any number of rows: end it with LIMIT"]),
    ),
    ...queriesOf(dashboard)
      .filter(({ kind, sql }) => kind !== "panel" && !/\bLIMIT \d+$/.test(sql.trim()))
      .map(({ where }): Finding => [where, "may return any number of rows: end it with LIMIT"]),
  ],

  "list-quoted": (dashboard) =>
    queriesOf(dashboard).flatMap(({ where, sql }) =>
      [...sql.matchAll(/\bIN\s*\(\s*(\$\{?\w+(?::\w+)?\}?)/gi)]
        .filter((match) => !/^\$\{\w+:singlequote\}$/.test(match[1]!))
        .map((match): Finding => [where, `${match[1]} is pasted without escaping: write \${name:singlequote}`]),
    ),

  "condition-variable-bare": (dashboard) =>
    queriesOf(dashboard).flatMap(({ where, sql }) =>
      [...sql.matchAll(/\$__conditionalAll\(.*?:singlequote\}\),\s*([^)]*)\)/gs)]
        .filter((match) => !/^\$\w+$/.test(match[1]!.trim()))
        .map((match): Finding => [where, `the second parameter of $__conditionalAll is the bare variable, not ${match[1]}`]),
    ),

  "query-without-comments": (dashboard) =>
    queriesOf(dashboard)
      .filter(({ sql }) => /--|\/\*/.test(sql))
      .map(({ where }) => [where, "macros inside comments are expanded too: no comments in SQL"]),

  "variable-defined": (dashboard) => {
    const defined = new Set(dashboard.templating.list.map(({ name }) => name));
    return queriesOf(dashboard).flatMap(({ where, sql }) =>
      variablesIn(sql)
        .filter((name) => !defined.has(name))
        .map((name): Finding => [where, `$${name} is not a variable of this dashboard`]),
    );
  },

  "variable-used": (dashboard) => {
    const used = new Set(queriesOf(dashboard).flatMap(({ sql }) => variablesIn(sql)));
    return dashboard.templating.list
      .filter(({ name, type }) => type !== "datasource" && !used.has(name))
      .map(({ name }) => [`variable ${name}`, "nothing uses it"]);
  },

  "variables-without-cycle": (dashboard) => {
    const needs = new Map(dashboard.templating.list.map(({ name, query }) => [name, typeof query === "object" ? variablesIn(query.rawSql) : []]));
    const reaches = (from: string, goal: string, seen: Set<string>): boolean =>
      (needs.get(from) ?? []).some((next) => next === goal || (!seen.has(next) && reaches(next, goal, seen.add(next))));
    return [...needs.keys()].filter((name) => reaches(name, name, new Set())).map((name) => [`variable ${name}`, "waits for itself"]);
  },

  "variable-follows-time": (dashboard) =>
    dashboard.templating.list
      .filter(({ query, refresh }) => typeof query === "object" && TIME_BOUND.test(query.rawSql) && refresh !== 2)
      .map(({ name }) => [`variable ${name}`, "depends on the time range but is not read again when it changes (refresh 2)"]),
};

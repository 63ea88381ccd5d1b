import { describe, expect, it } from "vitest";
import { expandQuery, type QueryContext, QueryRefused } from "./expand-query.ts";

const CONTEXT: QueryContext = {
  fromMs: Date.UTC(2026, 10, 25, 2, 0, 0, 500),
  toMs: Date.UTC(2026, 10, 26, 2, 5),
  intervalMs: 20_000,
  variables: { site: "all", one: ["suzhou"], many: ["suzhou", "nanjing"], quote: ["o'brien"], none: [] },
};
const FROM = 1_795_572_000;
const TO = 1_795_658_700;

describe("expandQuery", () => {
  it.each([
    ["$__timeFilter(ts)", `ts >= toDateTime(${FROM}) AND ts <= toDateTime(${TO})`],
    ["$__timeFilter_ms(ts)", `ts >= fromUnixTimestamp64Milli(${FROM}500) AND ts <= fromUnixTimestamp64Milli(${TO}000)`],
    ["$__dateFilter(day)", "day >= toDate('2026-11-25') AND day <= toDate('2026-11-26')"],
    ["$__dateTimeFilter(d, t)", `(d >= toDate('2026-11-25') AND d <= toDate('2026-11-26')) AND (t >= toDateTime(${FROM}) AND t <= toDateTime(${TO}))`],
    ["$__dt(d, t)", `(d >= toDate('2026-11-25') AND d <= toDate('2026-11-26')) AND (t >= toDateTime(${FROM}) AND t <= toDateTime(${TO}))`],
    ["$__fromTime $__toTime", `toDateTime(${FROM}) toDateTime(${TO})`],
    ["$__fromTime_ms $__toTime_ms", `fromUnixTimestamp64Milli(${FROM}500) fromUnixTimestamp64Milli(${TO}000)`],
    ["$__timeInterval(ts)", "toStartOfInterval(toDateTime(ts), INTERVAL 20 second)"],
    ["$__timeInterval_ms(ts)", "toStartOfInterval(toDateTime64(ts, 3), INTERVAL 20000 millisecond)"],
    ["n / $__interval_s", "n / 20"],
    [`$__conditionalAll(a IN (\${site:singlequote}), $site)`, "1=1"],
    [`$__conditionalAll(a IN (\${none:singlequote}), $none)`, "1=1"],
    [`$__conditionalAll(a IN (\${one:singlequote}), $one)`, "a IN ('suzhou')"],
    [`$__conditionalAll(a IN (\${many:singlequote}), $many)`, "a IN ('suzhou','nanjing')"],
    [`$__conditionalAll(f(a, 1) IN (\${quote:singlequote}), $quote)`, "f(a, 1) IN ('o\\'brien')"],
    [`$__conditionalAll($__timeFilter(ts) AND a IN (\${one:singlequote}), $one)`, `ts >= toDateTime(${FROM}) AND ts <= toDateTime(${TO}) AND a IN ('suzhou')`],
    [`$__conditionalAll($__conditionalAll(a IN (\${one:singlequote}), $one), $many)`, "a IN ('suzhou')"],
    ["SELECT '$5 (five)'", undefined],
    ["SELECT 1", "SELECT 1"],
  ])("%s", (sql, expanded) => {
    if (expanded === undefined) expect(() => expandQuery(sql, CONTEXT)).toThrow(QueryRefused);
    else expect(expandQuery(sql, CONTEXT)).toBe(expanded);
  });

  it.each([
    ["an unknown macro", "$__timeGroup(ts, 5m)"],
    ["an unknown variable", `\${nobody:singlequote}`],
    ["a name of Object's own", `\${constructor:singlequote}`],
    ["a variable without a format", `a IN (\${many})`],
    ["a bare variable in the text", "a = $one"],
    ["another format", `a IN (\${many:csv})`],
    ["All outside a condition", `a IN (\${site:singlequote})`],
    ["a formatted second parameter", `$__conditionalAll(1, \${one:singlequote})`],
    ["one parameter", "$__conditionalAll(1)"],
    ["an expression as a column", "$__timeFilter(toDateTime(ts))"],
    ["too many columns", "$__timeFilter(a, b)"],
    ["a bracket in quotes", "$__conditionalAll(a = ')', $one)"],
    ["no end", "$__timeFilter(ts"],
  ])("refuses %s", (_, sql) => {
    expect(() => expandQuery(sql, CONTEXT)).toThrow(QueryRefused);
  });

  it("counts an interval below a second as one", () => {
    expect(expandQuery("$__interval_s", { ...CONTEXT, intervalMs: 200 })).toBe("1");
  });
});

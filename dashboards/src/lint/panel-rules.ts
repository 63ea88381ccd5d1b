import * as units from "@grafana/grafana-foundation-sdk/units";
import type { PanelJson } from "./dashboard-json.ts";
import type { Finding, Rule } from "./query-rules.ts";

const UNITS = new Set<unknown>(Object.values(units));
const CHINESE = /\p{Script=Han}/u;
const ENGLISH = /[A-Za-z]{3,}/;
const GRID_COLUMNS = 24;
const MOST_PANELS = 12;
const LINES = new Set(["timeseries", "status-history"]);

const named = (panel: PanelJson): string => `panel ${panel.id ?? "?"}`;
const each = (check: (panel: PanelJson) => string | undefined): Rule => {
  return (dashboard) => dashboard.panels.flatMap((panel): Finding[] => [check(panel)].flatMap((what) => (what === undefined ? [] : [[named(panel), what]])));
};

/** Rules about what is drawn and where. */
export const PANEL_RULES: Readonly<Record<string, Rule>> = {
  "panel-id": (dashboard) => {
    const seen = new Set<number>();
    return dashboard.panels.flatMap((panel): Finding[] => {
      const known = panel.id !== undefined && seen.has(panel.id);
      if (panel.id !== undefined) seen.add(panel.id);
      if (panel.id === undefined || !Number.isInteger(panel.id) || panel.id < 1)
        return [[`panel ${panel.title}`, "has no id of its own: links to it would break"]];
      return known ? [[named(panel), "shares its id with another panel"]] : [];
    });
  },

  "panel-place": (dashboard) =>
    dashboard.panels.flatMap((panel, at): Finding[] => {
      const { x, y, w, h } = panel.gridPos;
      if (x < 0 || y < 0 || w < 1 || h < 1 || x + w > GRID_COLUMNS) return [[named(panel), `is outside the grid of ${GRID_COLUMNS} columns`]];
      const other = dashboard.panels.slice(at + 1).find(({ gridPos: o }) => x < o.x + o.w && o.x < x + w && y < o.y + o.h && o.y < y + h);
      return other === undefined ? [] : [[named(panel), `overlaps ${named(other)}`]];
    }),

  "panel-texts": each(({ title = "", description = "" }) => {
    if (!CHINESE.test(title)) return "has no Chinese title";
    return CHINESE.test(description) && ENGLISH.test(description) ? undefined : "has no description in Chinese and English";
  }),

  "panel-asks": each(({ targets = [] }) => {
    if (targets.length === 0) return "has no query";
    return new Set(targets.map(({ refId }) => refId)).size === targets.length ? undefined : "has two queries of one refId";
  }),

  "unit-known": each(({ fieldConfig }) => {
    const used = [
      fieldConfig.defaults.unit,
      ...fieldConfig.overrides.flatMap(({ properties }) => properties.filter(({ id }) => id === "unit").map(({ value }) => value)),
    ];
    const unknown = used.find((unit) => !UNITS.has(unit));
    return used.every((unit) => UNITS.has(unit)) ? undefined : `has the unit ${String(unknown)}, which Grafana would print as a suffix`;
  }),

  "ratio-bounded": each(({ fieldConfig: { defaults, overrides } }) => {
    if (defaults.unit === "percentunit" && (defaults.min !== 0 || defaults.max !== 1)) return "shows a ratio without the bounds 0 and 1";
    const loose = overrides.find(({ properties }) => {
      const value = (id: string): unknown => properties.find((property) => property.id === id)?.value;
      return value("unit") === "percentunit" && (value("min") !== 0 || value("max") !== 1);
    });
    return loose === undefined ? undefined : `shows a ratio without the bounds 0 and 1 in ${String(loose.matcher.options)}`;
  }),

  "thresholds-rise": each(({ fieldConfig }) => {
    const values = (fieldConfig.defaults.thresholds?.steps ?? []).map(({ value }) => value);
    const rising = values.every((value, at) => (at === 0 ? value === null : value !== null && (at === 1 || value > values[at - 1]!)));
    return rising ? undefined : "has thresholds that do not rise from a first open one";
  }),

  "legend-shown": each(({ type, options }) => (LINES.has(type) && options?.legend?.showLegend !== true ? "shows lines without a legend" : undefined)),

  "page-short": (dashboard) =>
    dashboard.panels.length > MOST_PANELS ? [["dashboard", `has ${dashboard.panels.length} panels: nobody reads more than ${MOST_PANELS}`]] : [],
};

import { TIME_ZONE } from "../grafana/build-dashboard.ts";
import { DATASOURCE, DATASOURCE_TYPE } from "../grafana/clickhouse-query.ts";
import type { DashboardJson } from "./dashboard-json.ts";
import type { Finding, Rule } from "./query-rules.ts";

const CHINESE = /\p{Script=Han}/u;
const ENGLISH = /[A-Za-z]{3,}/;
/** Keys of the newer models, which file provisioning refuses. */
const NEWER_KEYS = ["apiVersion", "kind", "spec", "elements", "layout"];

function linksOf(dashboard: DashboardJson): { where: string; url: string }[] {
  const own = (dashboard.links ?? []).map(({ url = "" }) => ({ where: "dashboard link", url }));
  const cells = dashboard.panels.flatMap((panel) =>
    panel.fieldConfig.overrides.flatMap(({ properties }) =>
      properties
        .filter(({ id }) => id === "links")
        .flatMap(({ value }) => (value as { url: string }[]).map(({ url }) => ({ where: `panel ${panel.id}`, url }))),
    ),
  );
  return [...own, ...cells];
}

/** Rules about the file as a whole. */
export const DASHBOARD_RULES: Readonly<Record<string, Rule>> = {
  "dashboard-uid": ({ uid = "" }) => (/^[a-z][a-z0-9-]{2,39}$/.test(uid) ? [] : [["dashboard", "has no short uid of small letters: its address would change"]]),

  "dashboard-texts": ({ title = "", description = "" }) =>
    CHINESE.test(title) && CHINESE.test(description) && ENGLISH.test(description)
      ? []
      : [["dashboard", "has no Chinese title or no description in both languages"]],

  "dashboard-zone": ({ timezone }) => (timezone === TIME_ZONE ? [] : [["dashboard", `shows times of ${timezone ?? "the browser"}, not of ${TIME_ZONE}`]]),

  "datasource-variable": (dashboard) => {
    const findings: Finding[] = [];
    const { list } = dashboard.templating;
    if (!list.some(({ type, name, query }) => type === "datasource" && name === "datasource" && query === DATASOURCE_TYPE))
      findings.push(["dashboard", "has no variable that chooses the data source"]);
    const check = (where: string, given: { type?: string; uid?: string } | undefined): void => {
      if (given?.uid !== DATASOURCE.uid || given.type !== DATASOURCE_TYPE)
        findings.push([where, `stands on ${given?.uid ?? "no data source"}, not on ${DATASOURCE.uid}`]);
    };
    for (const panel of dashboard.panels) {
      check(`panel ${panel.id}`, panel.datasource);
      for (const target of panel.targets ?? []) check(`panel ${panel.id} ${target.refId}`, target.datasource);
    }
    for (const variable of list) if (variable.type === "query") check(`variable ${variable.name}`, variable.datasource);
    for (const annotation of dashboard.annotations.list ?? []) check(`annotation ${annotation.name}`, annotation.datasource);
    return findings;
  },

  "links-resolve": (dashboard, uids) =>
    linksOf(dashboard)
      .filter(({ url }) => !uids.has(/^\/d\/([\w-]+)/.exec(url)?.[1] ?? ""))
      .map(({ where, url }) => [where, `leads to ${url}, which is none of our dashboards`]),

  "classic-model": (dashboard) =>
    NEWER_KEYS.filter((key) => key in dashboard).map((key) => ["dashboard", `has ${key}: file provisioning takes the Classic model only`]),

  "no-import-placeholder": (dashboard) =>
    /\$\{DS_/.test(JSON.stringify(dashboard)) ? [["dashboard", `has \${DS_...}, which provisioning does not replace`]] : [],
};

import * as dashboard from "@grafana/grafana-foundation-sdk/dashboard";
import type { AnnotationSpec, DashboardSpec, VariableSpec } from "../registry/panel-spec.ts";
import { buildPanel } from "./build-panel.ts";
import { ClickHouseQuery, DATASOURCE, DATASOURCE_TYPE, variableQuery } from "./clickhouse-query.ts";

/** All times are shown in the time zone of the province, wherever the browser stands. */
export const TIME_ZONE = "Asia/Shanghai";

/** The Classic model of a dashboard: the one that file provisioning takes in every version of Grafana. @param others - for the titles of links */
export function buildDashboard(spec: DashboardSpec, others: readonly DashboardSpec[]): dashboard.Dashboard {
  const builder = new dashboard.DashboardBuilder(spec.title.zh)
    .uid(spec.uid)
    .description(`${spec.description.zh}\n\n${spec.title.en}. ${spec.description.en}`)
    .tags([...spec.tags])
    .timezone(TIME_ZONE)
    .time({ from: spec.from, to: "now" })
    .refresh(spec.refresh)
    .readonly()
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .withVariable(new dashboard.DatasourceVariableBuilder("datasource").label("数据源").type(DATASOURCE_TYPE));
  for (const variable of spec.variables) builder.withVariable(buildVariable(variable));
  for (const annotation of spec.annotations) builder.annotation(buildAnnotation(annotation));
  for (const uid of spec.leadsTo) {
    const title = others.find((other) => other.uid === uid)?.title.zh ?? uid;
    builder.link(new dashboard.DashboardLinkBuilder(title).type(dashboard.DashboardLinkType.Link).url(`/d/${uid}`).keepTime(true).includeVars(true));
  }
  for (const panel of spec.panels) builder.withPanel(buildPanel(panel));
  return builder.build();
}

function buildVariable(spec: VariableSpec): dashboard.QueryVariableBuilder {
  return new dashboard.QueryVariableBuilder(spec.name)
    .label(spec.label.zh)
    .description(`${spec.label.zh} ${spec.label.en}`)
    .datasource(DATASOURCE)
    .query(variableQuery(spec.sql))
    .definition(spec.sql)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .current({ selected: true, text: "All", value: "$__all" });
}

function buildAnnotation(spec: AnnotationSpec): dashboard.AnnotationQueryBuilder {
  return new dashboard.AnnotationQueryBuilder()
    .name(`${spec.name.zh} ${spec.name.en}`)
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor(spec.color)
    .target(new ClickHouseQuery("Anno", spec.sql, "table"));
}

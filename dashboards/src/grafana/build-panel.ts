import { PanelBuilder as BarGauge } from "@grafana/grafana-foundation-sdk/bargauge";
import type * as cog from "@grafana/grafana-foundation-sdk/cog";
import * as common from "@grafana/grafana-foundation-sdk/common";
import * as dashboard from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder as Logs } from "@grafana/grafana-foundation-sdk/logs";
import { PanelBuilder as NodeGraph } from "@grafana/grafana-foundation-sdk/nodegraph";
import { PanelBuilder as Stat } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as StatusHistory } from "@grafana/grafana-foundation-sdk/statushistory";
import { PanelBuilder as Table } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as TimeSeries } from "@grafana/grafana-foundation-sdk/timeseries";
import type { ColumnSpec, PanelKind, PanelSpec } from "../registry/panel-spec.ts";
import { ClickHouseQuery, DATASOURCE, type QueryFormat } from "./clickhouse-query.ts";

/** What every panel builder of the SDK can do; it has no name for it. */
interface AnyPanel extends cog.Builder<dashboard.Panel> {
  id(id: number): this;
  title(title: string): this;
  description(description: string): this;
  datasource(datasource: dashboard.DataSourceRef): this;
  gridPos(gridPos: dashboard.GridPos): this;
  withTarget(target: cog.Builder<cog.Dataquery>): this;
  unit(unit: string): this;
  thresholds(thresholds: cog.Builder<dashboard.ThresholdsConfig>): this;
  mappings(mappings: dashboard.ValueMapping[]): this;
  noValue(noValue: string): this;
  min(min: number): this;
  max(max: number): this;
  decimals(decimals: number): this;
  displayName(displayName: string): this;
  interval(interval: string): this;
  colorScheme(color: cog.Builder<dashboard.FieldColor>): this;
  overrideByName(name: string, properties: dashboard.DynamicConfigValue[]): this;
}

const SERVICE_PAGE = `/d/aiops-service?\${__url_time_range}&\${datasource:queryparam}&var-service=\${__value.raw:percentencode}`;
const lines = (): TimeSeries => new TimeSeries().fillOpacity(10).showPoints(common.VisibilityMode.Never);
/** With more than one series nobody knows which line is whose without a legend; the SDK hides it by default. */
const LEGEND = (): common.VizLegendOptionsBuilder =>
  new common.VizLegendOptionsBuilder().showLegend(true).displayMode(common.LegendDisplayMode.List).placement(common.LegendPlacement.Bottom);
const TOOLTIP = (): common.VizTooltipOptionsBuilder =>
  new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending);
const rows = (): common.ReduceDataOptionsBuilder => new common.ReduceDataOptionsBuilder().values(true).calcs([]).fields("/^value$/");

const BUILDERS: Readonly<Record<PanelKind, () => AnyPanel>> = {
  stat: () =>
    new Stat()
      .colorMode(common.BigValueColorMode.Value)
      .graphMode(common.BigValueGraphMode.None)
      .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(["lastNotNull"])),
  tiles: () =>
    new Stat()
      .colorMode(common.BigValueColorMode.Background)
      .graphMode(common.BigValueGraphMode.None)
      .textMode(common.BigValueTextMode.ValueAndName)
      .reduceOptions(rows()),
  timeseries: () => lines().legend(LEGEND()).tooltip(TOOLTIP()),
  bars: () =>
    lines()
      .drawStyle(common.GraphDrawStyle.Bars)
      .fillOpacity(80)
      .stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group("A"))
      .legend(LEGEND())
      .tooltip(TOOLTIP()),
  bargauge: () => new BarGauge().orientation(common.VizOrientation.Horizontal).displayMode(common.BarGaugeDisplayMode.Basic).reduceOptions(rows()),
  "status-history": () => new StatusHistory().showValue(common.VisibilityMode.Auto).legend(LEGEND()),
  table: () => new Table().showHeader(true),
  "node-graph": () => new NodeGraph(),
  logs: () => new Logs().showTime(true).wrapLogMessage(true).enableLogDetails(true),
};

const FORMATS: Readonly<Partial<Record<PanelKind, QueryFormat>>> = {
  timeseries: "timeseries",
  bars: "timeseries",
  "status-history": "timeseries",
  logs: "logs",
};

/** The Grafana panel of a registry entry. */
export function buildPanel(spec: PanelSpec): cog.Builder<dashboard.Panel> {
  const panel = BUILDERS[spec.kind]()
    .id(spec.id)
    .title(spec.title.zh)
    .description(`${spec.question.zh}\n\n${spec.title.en}: ${spec.question.en}`)
    .datasource(DATASOURCE)
    .gridPos({ ...spec.grid })
    .unit(spec.unit)
    .noValue("无数据");
  for (const { refId, sql } of spec.queries) panel.withTarget(new ClickHouseQuery(refId, sql, FORMATS[spec.kind] ?? "table"));
  if (spec.min !== undefined) panel.min(spec.min);
  if (spec.max !== undefined) panel.max(spec.max);
  if (spec.decimals !== undefined) panel.decimals(spec.decimals);
  if (spec.seriesName !== undefined) panel.displayName(spec.seriesName);
  if (spec.minInterval !== undefined) panel.interval(spec.minInterval);
  colour(panel, spec);
  for (const [name, column] of Object.entries(spec.columns ?? {})) panel.overrideByName(name, overridesOf(column));
  if (spec.kind === "node-graph")
    for (const [arc, fixedColor] of [
      ["arc__ok", "green"],
      ["arc__err", "red"],
    ] as const)
      panel.overrideByName(arc, [{ id: "color", value: { mode: "fixed", fixedColor } }]);
  return panel;
}

function colour(panel: AnyPanel, spec: PanelSpec): void {
  const steps = spec.thresholds ?? [{ value: null, color: "blue" as const }];
  panel.thresholds(new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps(steps.map((step) => ({ ...step }))));
  const byLine = spec.kind === "timeseries" || spec.kind === "bars";
  panel.colorScheme(new dashboard.FieldColorBuilder().mode(byLine ? dashboard.FieldColorModeId.PaletteClassicByName : dashboard.FieldColorModeId.Thresholds));
  if (spec.mappings === undefined) return;
  const options = Object.fromEntries(spec.mappings.map(({ value, text, color }) => [String(value), { text: `${text.zh} ${text.en}`, color }]));
  panel.mappings([{ type: dashboard.MappingType.ValueToText, options }]);
}

function overridesOf(column: ColumnSpec): dashboard.DynamicConfigValue[] {
  const properties: dashboard.DynamicConfigValue[] = [{ id: "displayName", value: column.title.zh }];
  if (column.unit !== undefined) properties.push({ id: "unit", value: column.unit });
  if (column.unit === "percentunit") properties.push({ id: "min", value: 0 }, { id: "max", value: 1 });
  if (column.opensService === true) properties.push({ id: "links", value: [{ title: "打开服务页 Open the service", url: SERVICE_PAGE }] });
  return properties;
}

export { generatedFiles } from "./generated-files.ts";
export { DASHBOARDS } from "./registry/dashboards.ts";
export type { ColumnSpec, DashboardSpec, PanelKind, PanelQuery, PanelSpec, Text, Threshold, VariableSpec } from "./registry/panel-spec.ts";
export { expandQuery, type QueryContext, QueryRefused } from "./sql/expand-query.ts";

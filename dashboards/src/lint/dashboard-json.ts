/** What the linter reads of a Classic dashboard; the rest may be anything. */
export interface TargetJson {
  refId: string;
  datasource?: { type?: string; uid?: string };
  format?: number;
  rawSql: string;
}

export interface PanelJson {
  id?: number;
  type: string;
  title?: string;
  description?: string;
  datasource?: { type?: string; uid?: string };
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: TargetJson[];
  options?: { legend?: { showLegend?: boolean } };
  fieldConfig: {
    defaults: { unit?: string; min?: number; max?: number; thresholds?: { steps: { value: number | null; color: string }[] } };
    overrides: { matcher: { options?: unknown }; properties: { id: string; value?: unknown }[] }[];
  };
}

export interface VariableJson {
  type: string;
  name: string;
  label?: string;
  query?: string | { rawSql: string };
  refresh?: number;
  datasource?: { type?: string; uid?: string };
}

export interface AnnotationJson {
  name: string;
  datasource?: { type?: string; uid?: string };
  target?: TargetJson;
}

export interface DashboardJson {
  uid?: string;
  title?: string;
  description?: string;
  timezone?: string;
  tags?: string[];
  templating: { list: VariableJson[] };
  annotations: { list?: AnnotationJson[] };
  links?: { url?: string }[];
  panels: PanelJson[];
}

/** Every query of a dashboard with where it stands: panels, variables, annotations. */
export function queriesOf(dashboard: DashboardJson): { where: string; sql: string; kind: "panel" | "variable" | "annotation" }[] {
  return [
    ...dashboard.panels.flatMap((panel) =>
      (panel.targets ?? []).map(({ refId, rawSql }) => ({ where: `panel ${panel.id} ${refId}`, sql: rawSql, kind: "panel" as const })),
    ),
    ...dashboard.templating.list.flatMap(({ name, query }) =>
      typeof query === "object" ? [{ where: `variable ${name}`, sql: query.rawSql, kind: "variable" as const }] : [],
    ),
    ...(dashboard.annotations.list ?? []).flatMap(({ name, target }) =>
      target === undefined ? [] : [{ where: `annotation ${name}`, sql: target.rawSql, kind: "annotation" as const }],
    ),
  ];
}

/** Names of the dashboard's own variables in a text; Grafana's (`__...`) are not among them. */
export function variablesIn(text: string): string[] {
  return [...text.matchAll(/\$(?:\{(\w+)(?::\w+)?\}|(\w+))/g)].map((match) => match[1] ?? match[2]!).filter((name) => !name.startsWith("__"));
}

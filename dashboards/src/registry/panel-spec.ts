/** A text in both languages; Chinese is what people see first, English is the description beside it. */
export interface Text {
  readonly zh: string;
  readonly en: string;
}

export type PanelKind = "stat" | "tiles" | "timeseries" | "bars" | "bargauge" | "status-history" | "table" | "node-graph" | "logs";

export interface PanelQuery {
  readonly refId: string;
  /** ClickHouse SQL with the macros of Grafana's ClickHouse data source (sql/expand-query.ts knows which). */
  readonly sql: string;
}

export interface Threshold {
  /** Null for the first step: everything below the second. */
  readonly value: number | null;
  readonly color: "green" | "yellow" | "orange" | "red" | "gray" | "blue";
}

/** A column of a table, or a field of a stat. */
export interface ColumnSpec {
  readonly title: Text;
  /** A unit id of Grafana. */
  readonly unit?: string;
  /** Variable of the service dashboard that a click on the cell sets. */
  readonly opensService?: true;
}

export interface PanelSpec {
  /** Stays the same for ever: links to a single panel carry it. Unique on its dashboard. */
  readonly id: number;
  readonly title: Text;
  /** The question that the panel answers, and what it does not tell. */
  readonly question: Text;
  readonly kind: PanelKind;
  readonly unit: string;
  readonly queries: readonly PanelQuery[];
  readonly grid: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly thresholds?: readonly Threshold[];
  readonly min?: number;
  readonly max?: number;
  readonly decimals?: number;
  /** Shown for these values in place of the number. */
  readonly mappings?: readonly { readonly value: number; readonly text: Text; readonly color: Threshold["color"] }[];
  readonly columns?: Readonly<Record<string, ColumnSpec>>;
  /** Name of a series, e.g. `${__field.labels.service}`; default: the data source's own. */
  readonly seriesName?: string;
  /** Smallest step of a time series, e.g. "15m". */
  readonly minInterval?: string;
}

export interface VariableSpec {
  readonly name: string;
  readonly label: Text;
  readonly sql: string;
}

export interface AnnotationSpec {
  readonly name: Text;
  readonly sql: string;
  readonly color: Threshold["color"];
}

export interface DashboardSpec {
  /** Stays the same for ever: it is the address. */
  readonly uid: string;
  readonly title: Text;
  readonly description: Text;
  readonly tags: readonly string[];
  /** Default time range up to now, e.g. "now-24h". */
  readonly from: string;
  readonly refresh: string;
  readonly variables: readonly VariableSpec[];
  readonly annotations: readonly AnnotationSpec[];
  readonly panels: readonly PanelSpec[];
  /** Other dashboards to go on to. */
  readonly leadsTo: readonly string[];
}

import type * as cog from "@grafana/grafana-foundation-sdk/cog";

export const DATASOURCE_TYPE = "grafana-clickhouse-datasource";
/** Always the variable of the dashboard, never a data source by name: the same file then works in every Grafana. */
export const DATASOURCE = { type: DATASOURCE_TYPE, uid: `\${datasource}` } as const;
/** The version of the data source that the queries are written for. */
const PLUGIN_VERSION = "4.20.0";

export type QueryFormat = "timeseries" | "table" | "logs";
const FORMATS: Readonly<Record<QueryFormat, number>> = { timeseries: 0, table: 1, logs: 2 };

/** What the data source keeps of a variable's query. */
export const variableQuery = (sql: string) => ({ editorType: "sql", rawSql: sql, pluginVersion: PLUGIN_VERSION, refId: "A" });

/** The query model of the ClickHouse data source, which the SDK does not have. */
export class ClickHouseQuery implements cog.Builder<cog.Dataquery> {
  readonly #refId: string;
  readonly #sql: string;
  readonly #format: QueryFormat;

  constructor(refId: string, sql: string, format: QueryFormat) {
    this.#refId = refId;
    this.#sql = sql;
    this.#format = format;
  }

  build(): cog.Dataquery {
    const query = {
      refId: this.#refId,
      datasource: DATASOURCE,
      editorType: "sql",
      format: FORMATS[this.#format],
      pluginVersion: PLUGIN_VERSION,
      rawSql: this.#sql,
      _implementsDataqueryVariant: () => undefined,
    };
    return query;
  }
}

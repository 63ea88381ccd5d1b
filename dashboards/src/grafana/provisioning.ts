import { DATASOURCE_TYPE } from "./clickhouse-query.ts";

/** Grafana finds the dashboards in this folder of its container; compose file and chart mount them there. */
const DASHBOARD_FOLDER = "/etc/grafana/dashboards/yunwei";

/** Files of a Grafana's provisioning folder, by path. Values in `$...` come from Grafana's own environment: nothing secret is in a file. */
export const PROVISIONING_FILES: Readonly<Record<string, string>> = {
  "provisioning/dashboards/yunwei.yaml": `apiVersion: 1
providers:
  - name: yunwei
    type: file
    folder: 云维 Yunwei
    disableDeletion: true
    allowUiUpdates: false
    updateIntervalSeconds: 30
    options:
      path: ${DASHBOARD_FOLDER}
`,
  "provisioning/datasources/yunwei.yaml": `apiVersion: 1
datasources:
  - name: Yunwei
    uid: yunwei
    type: ${DATASOURCE_TYPE}
    access: proxy
    isDefault: true
    editable: false
    jsonData:
      host: $YUNWEI_CLICKHOUSE_HOST
      port: $YUNWEI_CLICKHOUSE_PORT
      protocol: http
      username: $YUNWEI_CLICKHOUSE_READER
      defaultDatabase: yunwei
      dialTimeout: "10"
      queryTimeout: "30"
      validateSql: true
      forwardGrafanaHeaders: true
    secureJsonData:
      password: $YUNWEI_CLICKHOUSE_READER_PASSWORD
`,
};

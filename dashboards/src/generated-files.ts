import { buildDashboard } from "./grafana/build-dashboard.ts";
import { PROVISIONING_FILES } from "./grafana/provisioning.ts";
import { panelList } from "./panel-list.ts";
import { DASHBOARDS } from "./registry/dashboards.ts";

/** Everything that is generated: path below `dashboards/generated` -> content. The same input gives the same bytes. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const files = new Map(Object.entries(PROVISIONING_FILES));
  for (const spec of DASHBOARDS) files.set(`${spec.uid}.json`, `${JSON.stringify(buildDashboard(spec, DASHBOARDS), undefined, 2)}\n`);
  files.set("PANELS.md", panelList(DASHBOARDS));
  return files;
}

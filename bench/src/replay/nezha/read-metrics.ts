import { ATTR, METRIC } from "@yunwei/schemas";
import { type CsvTable, columnOf, parseCsv } from "./csv.ts";
import { type Namespace, serviceOfPod } from "./fault-case.ts";
import { FRONT_COLUMNS, FRONT_SUCCESS_COLUMN, type MetricColumn, NODE_COLUMNS, POD_COLUMNS } from "./metric-columns.ts";
import type { RecordedSeries } from "./recorded-series.ts";

/** What a user of the application calls first. */
const FRONT_SERVICE: Readonly<Record<Namespace, string>> = { hipster: "frontend", ts: "ts-ui-dashboard" };
const NODE_NAME = /^[0-9]+(\.[0-9]+){3}$/;

/** Contents of the metric folder by file name, and where pods run as far as it is known otherwise. */
export interface MetricFiles {
  readonly namespace: Namespace;
  readonly tables: ReadonlyMap<string, string>;
  /** Node by service. */
  readonly nodes: ReadonlyMap<string, string>;
}

/** Node by service, from the rows of `dependency.csv` whose target is an address. */
export function nodesOf(dependencies: string): Map<string, string> {
  const table = parseCsv(dependencies);
  const [source, target] = [columnOf(table, "Source"), columnOf(table, "Target")];
  return new Map(table.rows.filter((row) => NODE_NAME.test(row[target]!)).map((row) => [row[source]!, row[target]!]));
}

/** Attributes of the resource of a pod. */
export function podResource(namespace: Namespace, pod: string, nodes: ReadonlyMap<string, string>): Record<string, string> {
  const service = serviceOfPod(pod);
  const node = nodes.get(service);
  return {
    [ATTR.serviceName]: service,
    [ATTR.serviceNamespace]: namespace,
    [ATTR.serviceInstanceId]: pod,
    [ATTR.podName]: pod,
    ...(node === undefined ? {} : { [ATTR.hostName]: node }),
  };
}

/** All series of the metric files: pods, their nodes where these are known, the front service, and the mesh's view of the calls. */
export function readMetrics({ namespace, tables, nodes }: MetricFiles): RecordedSeries[] {
  const series: RecordedSeries[] = [];
  const nodesTold = new Set<string>();
  for (const [name, text] of tables) {
    const pod = /^(.+)_metric\.csv$/.exec(name)?.[1];
    if (pod === undefined) continue;
    const table = parseCsv(text);
    series.push(...columnsOf(table, podResource(namespace, pod, nodes), POD_COLUMNS));
    const node = nodes.get(serviceOfPod(pod));
    if (node === undefined || nodesTold.has(node)) continue;
    nodesTold.add(node);
    series.push(...columnsOf(table, { [ATTR.hostName]: node }, NODE_COLUMNS));
  }
  const front = tables.get("front_service.csv");
  if (front !== undefined) series.push(...frontSeries(parseCsv(front), { [ATTR.serviceName]: FRONT_SERVICE[namespace], [ATTR.serviceNamespace]: namespace }));
  const [callers, callees] = [tables.get("source_50.csv"), tables.get("destination_50.csv")];
  if (callers !== undefined && callees !== undefined) series.push(...gapSeries(parseCsv(callers), parseCsv(callees)));
  return series;
}

function columnsOf(table: CsvTable, resource: Readonly<Record<string, string>>, columns: readonly MetricColumn[]): RecordedSeries[] {
  return columns.flatMap(({ column, metric, unit, factor, labels = {}, stock = false }) => {
    const at = table.columns.indexOf(column);
    if (at < 0) return [];
    const points = pointsOf(table, (row) => numberOf(row[at]!) * factor);
    // The collectors of the set write 0 where nothing was measured: a column of nothing else says nothing.
    return points.values.every((value) => value === 0) ? [] : [{ resource, metric, unit, labels, stock, ...points }];
  });
}

function frontSeries(table: CsvTable, resource: Readonly<Record<string, string>>): RecordedSeries[] {
  const latency = columnsOf(table, resource, FRONT_COLUMNS);
  const success = columnOf(table, FRONT_SUCCESS_COLUMN);
  const failed = pointsOf(table, (row) => 1 - numberOf(row[success]!) / 100);
  if (failed.values.every((value) => value === 1)) return latency;
  return [...latency, { resource, metric: "http.server.request.error_ratio", unit: "1", labels: {}, stock: false, ...failed }];
}

/** Median time of a call as its caller saw it less the callee's view: the time on the wire. */
function gapSeries(callers: CsvTable, callees: CsvTable): RecordedSeries[] {
  const stamp = columnOf(callees, "timestamp");
  const byTime = new Map(callees.rows.map((row) => [row[stamp]!, row]));
  const time = columnOf(callers, "timestamp");
  return callers.columns.slice(2).flatMap((pair) => {
    const [from, to] = [callers.columns.indexOf(pair), callees.columns.indexOf(pair)];
    if (to < 0) return [];
    const resource = { [ATTR.entityType]: "edge", [ATTR.entityId]: pair.replace("_", "->") };
    const points = pointsOf(callers, (row) => Math.max(0, numberOf(row[from]!) - numberOf(byTime.get(row[time]!)?.[to] ?? "")));
    return [{ resource, metric: METRIC.edgeGap, unit: "s", labels: {}, stock: false, ...points }];
  });
}

function pointsOf(table: CsvTable, cellValue: (row: readonly string[]) => number): Pick<RecordedSeries, "timesMs" | "values"> {
  const time = table.columns.findIndex((name) => name.toLowerCase() === "time");
  const points = table.rows
    .map((row) => ({ timeMs: timeOf(row[time] ?? ""), value: cellValue(row) }))
    .filter(({ timeMs, value }) => Number.isFinite(timeMs) && Number.isFinite(value))
    .sort((a, b) => a.timeMs - b.timeMs);
  return { timesMs: points.map(({ timeMs }) => timeMs), values: points.map(({ value }) => value) };
}

/** `2022-08-23 11:59:28.156628494 +0000 UTC m=+0.13` as Unix ms; the column TimeStamp is in another time zone in half of the set. */
function timeOf(text: string): number {
  const parts = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(\.\d{1,3})?/.exec(text);
  return parts === null ? Number.NaN : Date.parse(`${parts[1]}T${parts[2]}${parts[3] ?? ""}Z`);
}

function numberOf(cell: string): number {
  return cell === "" ? Number.NaN : Number(cell);
}

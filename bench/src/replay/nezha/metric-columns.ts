/** How a column of the set becomes a metric with an OpenTelemetry name. */
export interface MetricColumn {
  readonly column: string;
  readonly metric: string;
  readonly unit: string;
  /** Value in `unit` = cell times this. */
  readonly factor: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** A stock, not a flow (recorded-series.ts). */
  readonly stock?: boolean;
}

const MEBIBYTE = 1024 * 1024;
const DIRECTION = "network.io.direction";

const quantiles = (column: (percent: number) => string, metric: string, percents: readonly number[]): MetricColumn[] =>
  percents.map((percent) => ({ column: column(percent), metric, unit: "s", factor: 1, labels: { quantile: String(percent / 100) } }));

/** Columns of `<pod>_metric.csv` that speak of the pod. Latencies are the pod's own, seen by the mesh: `server` = what it serves, `client` = what it calls. */
export const POD_COLUMNS: readonly MetricColumn[] = [
  { column: "CpuUsage(m)", metric: "container.cpu.usage", unit: "{cpu}", factor: 0.001 },
  { column: "CpuUsageRate(%)", metric: "container.cpu.utilization", unit: "1", factor: 0.01 },
  { column: "MemoryUsage(Mi)", metric: "container.memory.usage", unit: "By", factor: MEBIBYTE, stock: true },
  { column: "MemoryUsageRate(%)", metric: "container.memory.utilization", unit: "1", factor: 0.01, stock: true },
  { column: "SyscallRead", metric: "process.syscalls", unit: "{call}", factor: 1, labels: { syscall: "read" } },
  { column: "SyscallWrite", metric: "process.syscalls", unit: "{call}", factor: 1, labels: { syscall: "write" } },
  { column: "NetworkReceiveBytes", metric: "k8s.pod.network.io", unit: "By/s", factor: 1, labels: { [DIRECTION]: "receive" } },
  { column: "NetworkTransmitBytes", metric: "k8s.pod.network.io", unit: "By/s", factor: 1, labels: { [DIRECTION]: "transmit" } },
  { column: "PodWorkload(Ops)", metric: "http.server.request.rate", unit: "1/s", factor: 1 },
  ...quantiles((percent) => `PodServerLatencyP${percent}(s)`, "http.server.request.duration", [90, 95, 99]),
  ...quantiles((percent) => `PodClientLatencyP${percent}(s)`, "http.client.request.duration", [90, 95, 99]),
];

/** Columns of the same file that speak of the node below the pod. */
export const NODE_COLUMNS: readonly MetricColumn[] = [
  { column: "NodeCpuUsageRate(%)", metric: "system.cpu.utilization", unit: "1", factor: 0.01 },
  { column: "NodeMemoryUsageRate(%)", metric: "system.memory.utilization", unit: "1", factor: 0.01, stock: true },
  { column: "NodeNetworkReceiveBytes", metric: "system.network.io", unit: "By/s", factor: 1, labels: { [DIRECTION]: "receive" } },
];

/** Columns of `front_service.csv`: what users of the application feel. */
export const FRONT_COLUMNS: readonly MetricColumn[] = quantiles((percent) => `LatencyP${percent}(s)`, "http.server.request.duration", [50, 90, 95, 99]);
export const FRONT_SUCCESS_COLUMN = "SuccessRate(%)";

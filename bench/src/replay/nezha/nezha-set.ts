import { type FaultCase, type Namespace, parseFaultList } from "./fault-case.ts";
import type { NezhaFiles } from "./nezha-files.ts";
import { readLogs } from "./read-logs.ts";
import { nodesOf, podResource, readMetrics } from "./read-metrics.ts";
import type { RecordedSeries } from "./recorded-series.ts";
import { type TracePool, tracePool } from "./trace-pool.ts";

const FAULT_LIST = /^rca_data\/[^/]+\/[^/]*fault_list\.json$/;
const METRIC = /^rca_data\/[^/]+\/metric\/([^/]+\.csv)$/;
const REFERENCE = /^construct_data\/[^/]+\/(trace|log)\/[^/]+\.csv$/;
const MINUTE = /^rca_data\/(\d{4}-\d{2}-\d{2})\/(trace|log)\/(\d{2})_(\d{2})_\2\.csv$/;
/** A minute's file holds what happened up to a minute before its name, and a few seconds after. */
const FILE_EARLY_MS = 30_000;
const FILE_LATE_MS = 4 * 60_000;

/** One namespace of the set, but for the traces and logs of its faults. */
export interface NezhaSet {
  readonly namespace: Namespace;
  readonly cases: readonly FaultCase[];
  readonly series: readonly RecordedSeries[];
  /** First and last time of a metric point, Unix ms. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Healthy traces and logs. */
  readonly reference: TracePool | undefined;
  readonly resourceOf: (pod: string) => Readonly<Record<string, string>>;
  readonly files: NezhaFiles;
}

/** @throws Error naming what is missing or broken */
export async function loadNezhaSet(files: NezhaFiles): Promise<NezhaSet> {
  const { namespace } = files;
  const tables = new Map<string, string>();
  const [traces, logs]: [string[], string[]] = [[], []];
  const cases: FaultCase[] = [];
  for await (const { path, bytes } of files.read((path) => FAULT_LIST.test(path) || METRIC.test(path) || REFERENCE.test(path))) {
    const text = bytes.toString("utf8");
    const metric = METRIC.exec(path)?.[1];
    if (metric !== undefined) tables.set(metric, text);
    else if (FAULT_LIST.test(path)) cases.push(...parseFaultList(namespace, text));
    else (path.includes("/trace/") ? traces : logs).push(text);
  }
  if (cases.length === 0) throw new Error(`the ${namespace} part of the nezha set has no fault list`);
  const read = readLogs(logs);
  const dependencies = tables.get("dependency.csv");
  const nodes = new Map([...read.nodes, ...(dependencies === undefined ? [] : nodesOf(dependencies))]);
  const series = readMetrics({ namespace, tables, nodes });
  const resources = new Map<string, Record<string, string>>();
  return {
    namespace,
    cases,
    series,
    fromMs: Math.min(...series.map(({ timesMs }) => timesMs[0] ?? Number.POSITIVE_INFINITY)),
    toMs: Math.max(...series.map(({ timesMs }) => timesMs.at(-1) ?? 0)),
    reference: tracePool(traces, read.byTrace),
    resourceOf: (pod) => {
      let resource = resources.get(pod);
      if (resource === undefined) {
        resource = podResource(namespace, pod, nodes);
        resources.set(pod, resource);
      }
      return resource;
    },
    files,
  };
}

/** The traces and logs that were recorded around a fault, or undefined when none were kept. */
export async function faultTraces({ files }: NezhaSet, { injectMs }: FaultCase): Promise<TracePool | undefined> {
  const wanted = (path: string): boolean => {
    const parts = MINUTE.exec(path);
    if (parts === null) return false;
    const fileMs = Date.parse(`${parts[1]}T${parts[3]}:${parts[4]}:00Z`);
    return fileMs > injectMs - FILE_EARLY_MS && fileMs <= injectMs + FILE_LATE_MS;
  };
  const [traces, logs]: [string[], string[]] = [[], []];
  for await (const { path, bytes } of files.read(wanted)) (path.includes("/trace/") ? traces : logs).push(bytes.toString("utf8"));
  return tracePool(traces, readLogs(logs).byTrace);
}

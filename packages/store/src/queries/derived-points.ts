import { METRIC } from "@yunwei/schemas";
import type { QueryParameters, Store } from "../store.ts";
import type { PointsWindow } from "./series-points.ts";

/** A value of a derived metric in a bucket; null where its divisor is 0. */
export interface DerivedBucket {
  /** Begin of the bucket, Unix seconds. */
  readonly t: number;
  readonly value: number | null;
}

const LIMITS = "ORDER BY t LIMIT 5000 SETTINGS max_execution_time = 10";
const SERVED = "kind IN ('server', 'consumer')";
const IN_WINDOW = "ts >= toDateTime({from:UInt32}) AND ts <= toDateTime({until:UInt32})";
/** Spans of one side of a join; of more, the first ones stand for all. */
const MAX_JOINED = 500_000;

const OF_SERVICE: Readonly<Record<string, string>> = {
  [METRIC.serviceRate]: "count() / {step:UInt32}",
  [METRIC.serviceErrorRatio]: "countIf(status = 'error') / count()",
  [METRIC.serviceDuration]: "avg(duration_us) / 1e6",
};
const OF_EDGE: Readonly<Record<string, string>> = {
  [METRIC.edgeRate]: "sum(calls) / {step:UInt32}",
  [METRIC.edgeErrorRatio]: "if(sum(calls) = 0, NULL, sum(errors) / sum(calls))",
};

/**
 * Points of a metric that detection derives itself and that is stored nowhere, made again from spans, edges and logs.
 * A bucket without requests is left out.
 * @returns undefined when this metric cannot be made again
 */
export async function derivedBuckets(store: Store, entity: string, metric: string, window: PointsWindow): Promise<DerivedBucket[] | undefined> {
  const colon = entity.indexOf(":");
  const [type, id] = [entity.slice(0, colon), entity.slice(colon + 1)];
  const parameters: QueryParameters = { id, from: seconds(window.fromMs), until: seconds(window.untilMs), step: window.stepSeconds };
  const served = OF_SERVICE[metric];
  if (served !== undefined && (type === "service" || type === "instance")) {
    const [service, instance] = type === "service" ? [id, ""] : [id.slice(0, id.indexOf("/")), entity];
    return store.query(
      `SELECT toUInt32(intDiv(toUnixTimestamp(ts), {step:UInt32}) * {step:UInt32}) AS t, ${served} AS value FROM spans
       WHERE service = {service:String} AND ${SERVED} AND ts >= toDateTime({from:UInt32}) AND ts <= toDateTime({until:UInt32})
         AND ({instance:String} = '' OR entity_id IN (SELECT entity_id FROM resources WHERE entity = {instance:String})) GROUP BY t ${LIMITS}`,
      { ...parameters, service, instance },
    );
  }
  if (metric === METRIC.serviceSelfTime && type === "service") {
    return store.query(
      `SELECT toUInt32(intDiv(toUnixTimestamp(served.ts), {step:UInt32}) * {step:UInt32}) AS t, avg(if(served.duration_us > called.us, served.duration_us - called.us, 0)) / 1e6 AS value
       FROM (SELECT trace_id, span_id, ts, duration_us FROM spans WHERE service = {id:String} AND ${SERVED} AND ${IN_WINDOW} LIMIT ${MAX_JOINED}) AS served
       LEFT JOIN (SELECT trace_id, parent_id, sum(duration_us) AS us FROM spans WHERE service = {id:String} AND kind = 'client' AND ${IN_WINDOW} GROUP BY trace_id, parent_id LIMIT ${MAX_JOINED}) AS called
       ON served.trace_id = called.trace_id AND served.span_id = called.parent_id GROUP BY t ${LIMITS}`,
      parameters,
    );
  }
  const [from, to] = id.split("->");
  if (metric === METRIC.edgeGap && type === "edge" && from !== undefined && to !== undefined) {
    return store.query(
      `SELECT toUInt32(intDiv(toUnixTimestamp(calls.ts), {step:UInt32}) * {step:UInt32}) AS t, avg(if(calls.duration_us > served.us, calls.duration_us - served.us, 0)) / 1e6 AS value
       FROM (SELECT trace_id, span_id, ts, duration_us FROM spans WHERE service = {src:String} AND kind = 'client' AND peer = {dst:String} AND ${IN_WINDOW} LIMIT ${MAX_JOINED}) AS calls
       LEFT JOIN (SELECT trace_id, parent_id, max(duration_us) AS us FROM spans WHERE service = {dst:String} AND ${SERVED} AND ${IN_WINDOW} GROUP BY trace_id, parent_id LIMIT ${MAX_JOINED}) AS served
       ON calls.trace_id = served.trace_id AND calls.span_id = served.parent_id GROUP BY t ${LIMITS}`,
      { ...parameters, src: bare(from), dst: bare(to) },
    );
  }
  const called = OF_EDGE[metric];
  if (called !== undefined && type === "edge" && from !== undefined && to !== undefined) {
    return store.query(
      `SELECT toUInt32(intDiv(toUnixTimestamp(edge.t), {step:UInt32}) * {step:UInt32}) AS t, ${called} AS value FROM service_edges_1m AS edge
       WHERE src = {src:String} AND dst = {dst:String} AND edge.t >= toDateTime({from:UInt32}) AND edge.t <= toDateTime({until:UInt32}) GROUP BY t ${LIMITS}`,
      { ...parameters, step: Math.max(60, Math.ceil(window.stepSeconds / 60) * 60), src: bare(from), dst: bare(to) },
    );
  }
  if (metric !== METRIC.logErrorRate) return undefined;
  return store.query(
    `SELECT toUInt32(intDiv(toUnixTimestamp(ts), {step:UInt32}) * {step:UInt32}) AS t, countIf(severity >= 17) / {step:UInt32} AS value FROM logs
     WHERE ts >= toDateTime({from:UInt32}) AND ts <= toDateTime({until:UInt32})
       AND entity_id IN (SELECT entity_id FROM resources WHERE entity = {entity:String} OR (startsWith({entity:String}, 'service:') AND service = substring({entity:String}, 9)))
     GROUP BY t ${LIMITS}`,
    { ...parameters, entity },
  );
}

/** Ends of an edge may be named by key or by bare name. */
function bare(end: string): string {
  return end.replace(/^(service|database|queue):/, "");
}

function seconds(ms: number): number {
  return Math.min(4_294_967_295, Math.max(0, Math.floor(ms / 1000)));
}

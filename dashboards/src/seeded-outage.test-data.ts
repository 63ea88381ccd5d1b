import type { Store } from "@yunwei/store";

/*
 * A known world: three sites, two departments, one hour. `pay` at Suzhou breaks from 10:05 to 10:20 (Beijing): every second
 * request fails and takes ten times as long. Huai'an has sent its last metric twelve minutes before the end, Xuzhou none for days.
 */
export const FROM_MS = Date.UTC(2026, 10, 26, 1, 30);
export const TO_MS = Date.UTC(2026, 10, 26, 2, 30);
export const OUTAGE_MS = [Date.UTC(2026, 10, 26, 2, 5), Date.UTC(2026, 10, 26, 2, 20)] as const;
const EVERY_MS = 5_000;
export const DAY_MS = 86_400_000;

export interface Request {
  readonly atMs: number;
  readonly service: string;
  readonly site: string;
  readonly department: string;
  readonly failed: boolean;
  readonly durationUs: number;
}

/** A name that breaks whoever pastes it into SQL. */
export const AWKWARD = "o'brien, inc (2)";
const SERVED_AT: readonly (readonly [service: string, site: string, department: string])[] = [
  ["portal", "nanjing", "civil"],
  ["portal", "suzhou", "civil"],
  ["pay", "suzhou", "civil"],
  ["pay", "nanjing", "civil"],
  [AWKWARD, "core-prod", "tax"],
];

/** Every request served in the hour, in order of time. */
export function requests(): Request[] {
  const all: Request[] = [];
  for (let atMs = FROM_MS; atMs < TO_MS; atMs += EVERY_MS) {
    for (const [index, [service, site, department]] of SERVED_AT.entries()) {
      const broken = service === "pay" && site === "suzhou" && atMs >= OUTAGE_MS[0] && atMs < OUTAGE_MS[1];
      const durationUs = (20_000 + ((atMs / EVERY_MS) % 50) * 400 + index * 1_000) * (broken ? 10 : 1);
      all.push({ atMs: atMs + index, service, site, department, failed: broken && (atMs / EVERY_MS) % 2 === 0, durationUs });
    }
  }
  return all;
}

const time = (ms: number, digits = 23): string => new Date(ms).toISOString().replace("T", " ").slice(0, digits);
const tierOf = (site: string): string => (site.startsWith("core") ? "core" : "backbone");

export async function seed(store: Store): Promise<void> {
  await store.insertRows("spans", requests().map(spanRow));
  // Calls the service makes, and yesterday's: neither may be counted as served now.
  await store.insertRows("spans", [
    { ...spanRow({ ...requests()[0]!, failed: true }), kind: "client" },
    { ...spanRow({ ...requests()[0]!, atMs: FROM_MS - DAY_MS, failed: true }), kind: "server" },
  ]);
  await store.insertRows("service_edges_1m", edgeRows());
  await store.insertRows("metric_points", [...pointRows(), { ...pointRows()[0]!, ts: time(FROM_MS - DAY_MS, 19) }]);
  // What the writer of ingest does from the same batch.
  for (const [table, bucket] of [
    ["metric_5m", "toStartOfFiveMinutes"],
    ["metric_1h", "toStartOfHour"],
  ]) {
    await store.command(
      `INSERT INTO ${table} SELECT department, site, tier, metric, entity_id, series_id, ${bucket}(ts) AS t, count() AS n, sum(value) AS s, min(value) AS mn, max(value) AS mx, argMaxState(value, ts) AS last
       FROM metric_points WHERE isFinite(value) GROUP BY department, site, tier, metric, entity_id, series_id, t`,
    );
  }
  await store.insertRows("anomalies", anomalyRows());
  await store.insertRows("alert_events", alertRows());
  await store.insertRows("resources", resourceRows());
  await store.insertRows("logs", [...logRows(), { ...logRows()[0]!, ts: time(FROM_MS - DAY_MS) }]);
}

function spanRow({ atMs, service, site, department, failed, durationUs }: Request) {
  const id = atMs.toString(16).padStart(16, "0").slice(-8);
  return {
    department,
    site,
    tier: tierOf(site),
    service,
    name: `POST /${service}`,
    kind: "server",
    ts: time(atMs),
    duration_us: durationUs,
    status: failed ? "error" : "ok",
    trace_id: id + id,
    span_id: id,
    parent_id: id,
    peer: "",
    resource_id: "1",
    entity_id: "1",
    attrs: {},
    events: "",
    links: "",
  };
}

export interface Edge {
  readonly minuteMs: number;
  readonly src: string;
  readonly dst: string;
  readonly kind: "service" | "queue" | "external";
  readonly site: string;
  readonly calls: number;
  readonly errors: number;
  readonly durationUs: number;
}

/** portal calls pay at both sites, pay calls its database: twelve calls a minute, half of them failed while Suzhou is broken. */
export function edges(): Edge[] {
  const all: Edge[] = [];
  for (let minuteMs = FROM_MS; minuteMs < TO_MS; minuteMs += 60_000) {
    for (const site of ["suzhou", "nanjing"]) {
      const broken = site === "suzhou" && minuteMs >= OUTAGE_MS[0] && minuteMs < OUTAGE_MS[1];
      const common = { minuteMs, site, calls: 12, errors: broken ? 6 : 0, durationUs: broken ? 3_600_000 : 360_000 };
      all.push({ ...common, src: "portal", dst: "pay", kind: "service" }, { ...common, src: "pay", dst: "pay-db", kind: "external", errors: 0 });
    }
  }
  return all;
}

function edgeRows() {
  return edges().map(({ minuteMs, src, dst, kind, site, calls, errors, durationUs }) => ({
    department: "civil",
    site,
    tier: tierOf(site),
    t: time(minuteMs, 19),
    src,
    dst,
    dst_kind: kind,
    dst_site: kind === "service" ? site : "",
    calls,
    errors,
    duration_sum_us: durationUs,
    duration_max_us: durationUs / 4,
  }));
}

/** Seconds between the newest metric of a site and the end of the range. */
export const AGES_S: Readonly<Record<string, number>> = { nanjing: 10, suzhou: 10, "core-prod": 40, huaian: 720 };

function pointRows() {
  return Object.entries(AGES_S).flatMap(([site, age]) =>
    Array.from({ length: 200 }, (_, i) => ({
      department: site === "core-prod" ? "tax" : "civil",
      site,
      tier: tierOf(site),
      metric: "system.cpu.utilization",
      kind: "gauge",
      entity_id: "1",
      series_id: "1",
      ts: time(TO_MS - (age + i * 15) * 1_000, 19),
      value: 0.5,
    })),
  );
}

export interface Deviation {
  readonly id: string;
  readonly site: string;
  readonly department: string;
  readonly entity: string;
  readonly metric: string;
  readonly openMs: number;
  readonly closeMs?: number;
  readonly severity: number;
}

export const DEVIATIONS: readonly Deviation[] = [
  { id: "a1", site: "suzhou", department: "civil", entity: "service:pay", metric: "yunwei.service.error_ratio", openMs: OUTAGE_MS[0] + 60_000, severity: 3 },
  { id: "a2", site: "suzhou", department: "civil", entity: "service:pay", metric: "yunwei.service.duration", openMs: OUTAGE_MS[0] + 90_000, severity: 2 },
  {
    id: "a3",
    site: "suzhou",
    department: "civil",
    entity: "instance:pay/1",
    metric: "jvm.gc.duration",
    openMs: OUTAGE_MS[0],
    closeMs: OUTAGE_MS[1],
    severity: 2,
  },
  { id: "a4", site: "nanjing", department: "civil", entity: "host:n1", metric: "system.cpu.utilization", openMs: OUTAGE_MS[0], severity: 1 },
  { id: "a5", site: "core-prod", department: "tax", entity: "host:c1", metric: "system.memory.utilization", openMs: FROM_MS - 2 * DAY_MS, severity: 2 },
  { id: "a6", site: "core-prod", department: "tax", entity: "host:c2", metric: "system.disk.io_time", openMs: FROM_MS - 9 * DAY_MS, severity: 2 },
];

function anomalyRows() {
  const row = (one: Deviation, ms: number, severity: number) => ({
    department: one.department,
    site: one.site,
    tier: tierOf(one.site),
    detector: "deviation",
    metric: one.metric,
    entity_id: "1",
    series_id: "1",
    entity: one.entity,
    ts: time(ms),
    value: 9,
    expected: 1,
    lower: 0.5,
    upper: 1.5,
    score: 10 * severity,
    severity,
    direction: 1,
    anomaly_id: one.id,
  });
  const rows = DEVIATIONS.flatMap((one) => [row(one, one.openMs, one.severity), ...(one.closeMs === undefined ? [] : [row(one, one.closeMs, 0)])]);
  // Told twice, as after a redelivery.
  return [...rows, rows[0]!];
}

/** Alert g1/x1 and x2 fire in the outage, x3 is over, x4 has never fired. */
export const ALERTS = { active: ["x1", "x2"], critical: ["x1"], groups: 1, fired: 3 } as const;

function alertRows() {
  const row = (alert: string, event: string, severity: string, ms: number, group = "g1") => ({
    department: "civil",
    site: "suzhou",
    tier: "backbone",
    alert_id: alert,
    group_id: group,
    policy_id: "service-errors",
    entity: "service:pay",
    event,
    severity,
    at: time(ms),
    seq: String(ms),
    payload: JSON.stringify({ service: "pay" }),
  });
  const [start, end] = OUTAGE_MS;
  return [
    row("x1", "fired", "major", start + 60_000),
    row("x1", "updated", "critical", start + 120_000),
    row("x2", "fired", "minor", start + 61_000),
    row("x2", "fired", "minor", start + 61_000), // told twice, as after a redelivery
    row("x2", "recovering", "minor", end),
    row("x3", "fired", "critical", start - 900_000, ""),
    row("x3", "resolved", "critical", end, ""),
    row("x4", "updated", "critical", end, ""),
  ];
}

function resourceRows() {
  // Told twice, as after a restart.
  return [...SERVED_AT, ...SERVED_AT].map(([service, site, department], i) => ({
    day: "2026-11-26",
    department,
    site,
    tier: tierOf(site),
    resource_id: String((i % SERVED_AT.length) + 1),
    entity_id: String((i % SERVED_AT.length) + 1),
    entity: `service:${service}`,
    service,
    attrs: {},
    last_seen: time(TO_MS, 19),
  }));
}

function logRows() {
  return [9, 17, 21].map((severity, i) => ({
    department: "civil",
    site: "suzhou",
    tier: "backbone",
    service: "pay",
    ret: "std",
    ts: time(OUTAGE_MS[0] + i * 1_000),
    received_at: time(OUTAGE_MS[0] + i * 1_000, 19),
    severity,
    resource_id: "3",
    entity_id: "3",
    trace_id: "",
    span_id: "",
    body: `line of severity ${severity}`,
    attrs: {},
  }));
}

import type { IncidentSnapshot } from "@yunwei/schemas";
import type { State } from "@yunwei/state";
import type { Store } from "@yunwei/store";

const STEP_S = 15;
const MINUTES = 30;
/** Time of each seeded call. */
const CALL_US = 100_000;

export interface SeededSeries {
  readonly id: number;
  readonly site: string;
  readonly entity: string;
  readonly metric: string;
  readonly unit: string;
  readonly kind?: "gauge" | "sum";
  readonly monotonic?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  /** Value `secondsAgo` before the end; undefined = no point. */
  readonly value: (secondsAgo: number) => number | undefined;
}

const day = (ms: number): number => Math.floor(ms / 86_400_000);
const tierOf = (site: string): string => (site.startsWith("core") ? "core" : "backbone");
/** Ids of entities in the seed; the engine's own hash is of no matter here. */
const entityIds = new Map<string, number>();
function entityId(entity: string): number {
  const known = entityIds.get(entity) ?? 1000 + entityIds.size;
  entityIds.set(entity, known);
  return known;
}

/** Writes series with a point every 15 s of the last 30 minutes before `endMs`. */
export async function seedSeries(store: Store, series: readonly SeededSeries[], endMs: number): Promise<void> {
  await store.insertRows(
    "metric_series",
    series.map(({ id, site, entity, metric, unit, kind = "gauge", monotonic = false, labels = {} }) => ({
      day: day(endMs),
      department: "dept",
      site,
      tier: tierOf(site),
      metric,
      entity_id: entityId(entity),
      series_id: id,
      entity,
      kind,
      unit,
      monotonic,
      resource_id: entityId(entity),
      scope: "seed",
      labels,
      bounds: [],
      last_seen: Math.floor(endMs / 1000),
    })),
  );
  const points: Record<string, unknown>[] = [];
  for (const { id, site, entity, metric, kind = "gauge", value } of series) {
    for (let ago = MINUTES * 60; ago >= 0; ago -= STEP_S) {
      const measured = value(ago);
      if (measured === undefined) continue;
      const ts = Math.floor(endMs / 1000) - ago;
      points.push({ department: "dept", site, tier: tierOf(site), metric, kind, entity_id: entityId(entity), series_id: id, ts, value: measured });
    }
  }
  await store.insertRows("metric_points", points);
  // What the writer of ingest does from the same batch.
  for (const [table, bucket] of [
    ["metric_5m", "toStartOfFiveMinutes"],
    ["metric_1h", "toStartOfHour"],
  ]) {
    await store.command(
      `INSERT INTO ${table} SELECT department, site, tier, metric, entity_id, series_id, ${bucket}(ts) AS t, count() AS n, sum(value) AS s, min(value) AS mn, max(value) AS mx, argMaxState(value, ts) AS last
       FROM metric_points WHERE isFinite(value) AND series_id IN (${series.map(({ id }) => Number(id)).join()}) GROUP BY department, site, tier, metric, entity_id, series_id, t`,
    );
  }
}

export interface SeededResource {
  readonly site: string;
  readonly entity: string;
  readonly service?: string;
  readonly attrs?: Readonly<Record<string, string>>;
}

export async function seedResources(store: Store, resources: readonly SeededResource[], endMs: number): Promise<void> {
  await store.insertRows(
    "resources",
    resources.map(({ site, entity, service = "", attrs = {} }) => ({
      day: day(endMs),
      department: "dept",
      site,
      tier: tierOf(site),
      resource_id: entityId(entity),
      entity_id: entityId(entity),
      entity,
      service,
      attrs,
      last_seen: Math.floor(endMs / 1000),
    })),
  );
}

/** Requests of a service every 10 s, each of `durationUs`, and as many calls to a database, half of them failed. */
export async function seedCalls(
  store: Store,
  service: string,
  database: string,
  site: string,
  durationUs: (secondsAgo: number) => number,
  endMs: number,
  kind: "database" | "service" = "database",
): Promise<void> {
  const spans: Record<string, unknown>[] = [];
  const edges: Record<string, unknown>[] = [];
  const end = Math.floor(endMs / 1000);
  for (let ago = MINUTES * 60; ago >= 0; ago -= 10) {
    const id = String(ago).padStart(8, "0");
    const place = { department: "dept", site, tier: tierOf(site) };
    const entity_id = entityId(`instance:${service}/o-1`);
    const ts = new Date((end - ago) * 1000).toISOString().replace("T", " ").replace("Z", "");
    const common = { ...place, service, ts, status: "ok", trace_id: `trace---${id}`, resource_id: entity_id, entity_id, attrs: {}, events: "", links: "" };
    spans.push({ ...common, name: "GET /", kind: "server", duration_us: durationUs(ago), span_id: id, parent_id: "\u0000".repeat(8), peer: "" });
    spans.push({ ...common, name: "SELECT", kind: "client", duration_us: CALL_US, span_id: `c${id.slice(1)}`, parent_id: id, peer: database });
    if (ago % 60 === 0)
      edges.push({
        ...place,
        t: Math.floor((end - ago) / 60) * 60,
        src: service,
        dst: database,
        dst_kind: kind,
        dst_site: site,
        calls: 10,
        errors: 5,
        duration_sum_us: 1000,
        duration_max_us: 200,
      });
  }
  await store.insertRows("spans", spans);
  await store.insertRows("service_edges_1m", edges);
}

/** A row of itsm's table as itsm writes it, as far as the console reads it. */
export async function seedIncident(state: State, incident: IncidentSnapshot): Promise<void> {
  await state.query("INSERT INTO incident (incident_id, number, group_id, state, priority, created_at, record) VALUES ($1, $2, $3, $4, $5, $6, $7)", [
    incident.incidentId,
    incident.number,
    incident.groupId ?? null,
    incident.state,
    incident.priority,
    incident.createdAt,
    JSON.stringify(incident),
  ]);
}

/** A small estate: a fresh site, one with an incident's host, one that fell silent, and this machine. */
export async function seedTelemetry(store: Store, endMs: number): Promise<void> {
  const cpu = (id: number, site: string, entity: string, value: SeededSeries["value"]): SeededSeries => ({
    id,
    site,
    entity,
    metric: "system.cpu.utilization",
    unit: "1",
    value,
  });
  await seedSeries(
    store,
    [
      cpu(1, "nanjing", "host:nj-1", () => 0.3),
      cpu(2, "suzhou", "host:db-7", (ago) => (ago > 200 && ago < 360 ? undefined : 0.5)),
      cpu(3, "wuxi", "host:wx-1", (ago) => (ago < 600 ? undefined : 0.2)),
      cpu(4, "local", "host:here", () => 0.1),
      { id: 5, site: "suzhou", entity: "host:db-7", metric: "system.disk.io", unit: "By", kind: "sum", monotonic: true, value: (ago) => 1_000_000 - ago * 100 },
    ],
    endMs,
  );
  await seedResources(
    store,
    [
      { site: "nanjing", entity: "host:nj-1", attrs: { "host.name": "nj-1" } },
      { site: "suzhou", entity: "host:db-7", attrs: { "host.name": "db-7" } },
      { site: "local", entity: "host:here", attrs: { "host.name": "here" } },
      { site: "suzhou", entity: "instance:order/o-1", service: "order", attrs: { "service.name": "order", "host.name": "db-7" } },
      {
        site: "suzhou",
        entity: "database:order-db",
        service: "order-db",
        attrs: { "service.name": "order-db", "db.system.name": "postgresql", "host.name": "db-7" },
      },
    ],
    endMs,
  );
  await seedCalls(store, "order", "order-db", "suzhou", () => 250_000, endMs);
  await seedHistogram(store, endMs);
}

async function seedHistogram(store: Store, endMs: number): Promise<void> {
  const place = {
    department: "dept",
    site: "suzhou",
    tier: "backbone",
    metric: "http.server.request.duration",
    entity_id: entityId("host:db-7"),
    series_id: 6,
  };
  const end = Math.floor(endMs / 1000);
  await store.insertRows("metric_series", [
    {
      day: day(endMs),
      ...place,
      entity: "host:db-7",
      kind: "histogram",
      unit: "s",
      monotonic: true,
      resource_id: 1,
      scope: "",
      labels: {},
      bounds: [1],
      last_seen: end,
    },
  ]);
  const points: Record<string, unknown>[] = [];
  for (let ago = MINUTES * 60; ago >= 0; ago -= STEP_S) {
    const count = 10_000 - ago;
    points.push({ ...place, ts: end - ago, temporality: 2, start_ts: end - 10_000, count, sum: count * 0.2, min: null, max: null, buckets: [count, 0] });
  }
  await store.insertRows("metric_hist", points);
}

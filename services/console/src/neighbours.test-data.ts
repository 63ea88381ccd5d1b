import { AlertGroupMessage, type AlertSummary, IncidentSnapshot, YunweiError } from "@yunwei/schemas";
import type { FastifyPluginAsync } from "fastify";
import { Value } from "typebox/value";
import { GROUP_ID, INCIDENT_ID, incidentOf, reportOf } from "./incident.test-data.ts";

const iso = (ms: number): string => new Date(ms).toISOString();
const MINUTE_MS = 60_000;

/** Incidents as itsm would list them: with a cause, without one, under outside load, and closed. */
export function incidentsOf(endMs: number): IncidentSnapshot[] {
  const report = reportOf(endMs);
  return [
    incidentOf(endMs, { report }),
    incidentOf(endMs, {
      incidentId: "1".repeat(32),
      number: "INC-000122",
      priority: "P3",
      state: "in_progress",
      assignee: "wang",
      acknowledgedAt: iso(endMs - 30 * MINUTE_MS),
      startedAt: iso(endMs - 40 * MINUTE_MS),
      createdAt: iso(endMs - 39 * MINUTE_MS),
      sites: ["nanjing", "zhenjiang"],
      title: { zh: "南京 服务 citizen-card 等 3 处异常（根因未定）", en: "Nanjing service citizen-card and 2 more deviate (cause not determined)" },
      respond: { targetMs: 60 * MINUTE_MS, elapsedMs: 9 * MINUTE_MS, state: "stopped", breached: false },
      restore: { targetMs: 30 * MINUTE_MS, elapsedMs: 39 * MINUTE_MS, state: "running", breached: true, dueAt: iso(endMs - 9 * MINUTE_MS) },
      report: { ...report, verdict: "undetermined", confidence: 0.38, causes: report.causes.slice(1), graph: { nodes: [], edges: [] }, changes: [] },
    }),
    incidentOf(endMs, {
      incidentId: "2".repeat(32),
      number: "INC-000121",
      priority: "P4",
      state: "mitigated",
      startedAt: iso(endMs - 26 * 60 * MINUTE_MS),
      createdAt: iso(endMs - 25 * 60 * MINUTE_MS),
      sites: ["xuzhou"],
      title: { zh: "徐州：外部流量突增，内部无故障", en: "Xuzhou: traffic rose from outside, nothing inside is at fault" },
      report: { ...report, verdict: "external_load", confidence: 0.8, causes: [], graph: { nodes: [], edges: [] }, changes: [] },
    }),
  ];
}

function alertOf(endMs: number, changes: Partial<AlertSummary>): AlertSummary {
  const started = `${endMs - 12 * MINUTE_MS}000000`;
  return {
    alertId: "a1",
    policyId: "dynamic",
    condition: "firing",
    severity: "major",
    entity: "database:order-db",
    service: "order-db",
    site: "suzhou",
    tier: "backbone",
    department: "civil-affairs",
    metric: "db.lock.waiting",
    unit: "{lock}",
    seriesId: "0000000000000010",
    family: "lock",
    labels: {},
    value: 45,
    expected: 2,
    lower: 0,
    upper: 6,
    peakScore: 30,
    direction: "up",
    startedUnixNano: started,
    firedUnixNano: started,
    ...changes,
  };
}

/** The alert group that the incident came from. */
export function groupOf(endMs: number): AlertGroupMessage {
  const nano = (ms: number): string => `${ms}000000`;
  return {
    messageId: "g",
    groupId: GROUP_ID,
    revision: 3,
    state: "open",
    severity: "major",
    startedUnixNano: nano(endMs - 12 * MINUTE_MS),
    updatedUnixNano: nano(endMs),
    alerts: [
      alertOf(endMs, {}),
      alertOf(endMs, { alertId: "a2", entity: "service:order", metric: "yunwei.service.duration", unit: "s", value: 2.347, expected: 0.18, family: "latency" }),
      alertOf(endMs, {
        alertId: "a3",
        entity: "host:db-7",
        metric: "system.cpu.utilization",
        unit: "1",
        value: 0.97,
        expected: 0.31,
        family: "cpu",
        severity: "minor",
      }),
      alertOf(endMs, {
        alertId: "a4",
        entity: "instance:order/o-1",
        metric: "process.uptime",
        unit: "s",
        value: 0,
        expected: 90_000,
        family: "restart",
        severity: "minor",
        direction: "absent",
        condition: "no_data",
      }),
    ],
    alertCount: 14,
    sites: ["suzhou"],
    departments: ["civil-affairs"],
    joins: ["service:order calls database:order-db"],
    source: "seed",
  };
}

/**
 * Answers what the pages ask of other services (itsm, alerting, notify), from rows that keep to the same contracts; those
 * services' own tests prove that they keep to them too. An acknowledgement is remembered.
 */
export function neighbourRoutes(endMs: number): FastifyPluginAsync {
  const incidents = new Map(incidentsOf(endMs).map((incident) => [incident.incidentId, incident]));
  for (const incident of incidents.values()) Value.Assert(IncidentSnapshot, incident);
  Value.Assert(AlertGroupMessage, groupOf(endMs));
  const events: Record<string, unknown>[] = [
    { seq: 1, event: "created", to: "new", actor: "system", at: iso(endMs - 11 * MINUTE_MS), fields: {} },
    {
      seq: 2,
      event: "cause_named",
      from: "new",
      to: "new",
      actor: "system",
      at: iso(endMs - 10.5 * MINUTE_MS),
      fields: { cause: "database:order-db|lock_contention", confidence: 0.87 },
    },
    { seq: 3, event: "alerts_changed", from: "new", to: "new", actor: "system", at: iso(endMs - 9 * MINUTE_MS), fields: { alertCount: 14 } },
  ];
  const one = (id: string): IncidentSnapshot => {
    const found = incidents.get(id);
    if (found === undefined) throw new YunweiError("YUNWEI_NOT_FOUND", `There is no incident ${id}.`);
    return found;
  };
  const replyOf = (incident: IncidentSnapshot) => ({
    incident,
    moves:
      incident.state === "new"
        ? ["assign", "acknowledge", "merge", "cancel", "declare_major"]
        : ["assign", "wait", "mitigate", "resolve", "merge", "declare_major"],
  });
  type Id = { Params: { id: string } };
  return async (app) => {
    app.get("/api/v1/incidents", { config: { permission: "incident:read" } }, async () => ({
      incidents: [...incidents.values()].map(({ report: _, ...rest }) => rest),
    }));
    app.get<Id>("/api/v1/incidents/:id", { config: { permission: "incident:read" } }, async ({ params }) => replyOf(one(params.id)));
    app.get<Id>("/api/v1/incidents/:id/events", { config: { permission: "incident:read" } }, async ({ params }) => ({
      events: params.id === INCIDENT_ID ? events : [],
    }));
    app.post<Id>("/api/v1/incidents/:id/acknowledge", { config: { permission: "incident:work" } }, async ({ params, principal }) => {
      const changed: IncidentSnapshot = { ...one(params.id), state: "in_progress", assignee: principal!.name, acknowledgedAt: iso(Date.now()) };
      incidents.set(params.id, changed);
      events.push({
        seq: 4,
        event: "acknowledged",
        from: "new",
        to: "in_progress",
        actor: principal!.name,
        at: iso(Date.now()),
        fields: { assignee: principal!.name },
      });
      return replyOf(changed);
    });
    app.post<Id>("/api/v1/incidents/:id/resolve", { config: { permission: "incident:work" } }, async () => {
      throw new YunweiError(
        "YUNWEI_INCIDENT_MOVE",
        "INC-000123: its alerts still fire; wait until they resolve, or give `excuse` saying why they do not count. Possible now: assign.",
      );
    });
    app.get<{ Querystring: { incidentId?: string } }>("/api/v1/notifications", { config: { permission: "notification:read" } }, async ({ query }) => ({
      notifications: query.incidentId === INCIDENT_ID ? notificationsOf(endMs) : [],
    }));
    app.get<Id>("/api/v1/alert-groups/:id", { config: { permission: "alert:read" } }, async () => groupOf(endMs));
  };
}

function notificationsOf(endMs: number) {
  const base = { incidentId: INCIDENT_ID, number: "INC-000123", priority: "P2", notBefore: iso(endMs), attempts: [], createdAt: iso(endMs - 10 * MINUTE_MS) };
  return [
    {
      ...base,
      notificationId: "n1",
      seq: 1,
      channel: "oncall-webhook",
      kind: "created",
      state: "sent",
      reason: "",
      tries: 1,
      sentAt: iso(endMs - 10 * MINUTE_MS),
      text: {
        zh: "【P2 故障】苏州 数据库 order-db：锁争用\n疑似根因：数据库 order-db 锁争用（87%）",
        en: "[P2 incident] Suzhou database order-db: lock contention\nProbable cause: database order-db lock contention (87%)",
      },
    },
    { ...base, notificationId: "n2", seq: 3, channel: "oncall-webhook", kind: "cause", state: "skipped", reason: "the same cause was told before", tries: 0 },
  ];
}

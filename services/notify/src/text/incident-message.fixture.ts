import type { EvidenceItem, IncidentMessage, IncidentSnapshot, RcaReport } from "@yunwei/schemas";

/** 2026-06-18 14:03:20 in Beijing. */
const START_NANO = "1781762600000000000";

const evidence = (changes: Partial<EvidenceItem>): EvidenceItem => ({
  family: "lock",
  entity: "database:order-db",
  metric: "db.lock.waiting",
  unit: "{lock}",
  seriesId: "00000000000000aa",
  onsetUnixNano: START_NANO,
  value: 45,
  expected: 2,
  score: 30,
  direction: "up",
  weight: 4.2,
  ...changes,
});

export const LOCK_CAUSE = "database:order-db|lock_contention";

/** A report with a named cause, a second candidate and a suspected change. For tests. */
export const REPORT: RcaReport = {
  messageId: "m1",
  groupId: "g1",
  revision: 2,
  verdict: "cause",
  confidence: 0.87,
  causes: [
    {
      entity: "database:order-db",
      mode: "lock_contention",
      site: "suzhou",
      score: 0.87,
      evidence: [
        evidence({}),
        evidence({ family: "latency", entity: "service:order", metric: "yunwei.service.duration", unit: "s", value: 2.347, expected: 0.18, weight: 2.1 }),
        evidence({ family: "edge_error", entity: "service:pay", metric: "yunwei.edge.error_ratio", unit: "1", value: 0.31, expected: 0.002, weight: 0.7 }),
      ],
      contradicting: [],
      path: ["database:order-db", "service:order"],
      coverage: 1,
      changeId: "c1",
    },
    { entity: "host:sz-db-07", mode: "disk_slow", site: "suzhou", score: 0.09, evidence: [], contradicting: [], path: [], coverage: 0.5 },
  ],
  groupState: "open",
  severity: "major",
  startedUnixNano: START_NANO,
  generatedUnixNano: "1781762630000000000",
  alertCount: 42,
  impact: { services: ["order", "pay"], departments: ["民政厅", "人社厅"], sites: ["suzhou"], entityCount: 5 },
  graph: { nodes: [], edges: [] },
  changes: [
    {
      changeId: "c0",
      title: "证书轮换",
      kind: "certificate",
      entity: "service:gateway",
      startedUnixNano: "1781758000000000000",
      suspected: false,
      reason: "other kind",
    },
    {
      changeId: "c1",
      title: "order-db 参数调整",
      kind: "database",
      entity: "database:order-db",
      startedUnixNano: "1781762300000000000",
      suspected: true,
      reason: "fits",
    },
  ],
  source: "demo",
};

const clock = { targetMs: 1_800_000, elapsedMs: 0, state: "running" as const, breached: false, dueAt: "2026-06-18T06:34:00.000Z" };

/** An incident of Suzhou that nobody has taken yet. For tests. */
export const INCIDENT: IncidentSnapshot = {
  incidentId: "0123456789abcdef0123456789abcdef",
  number: "INC-000123",
  state: "new",
  priority: "P2",
  impact: 2,
  urgency: 2,
  major: false,
  title: { zh: "苏州 数据库 order-db：锁争用", en: "Suzhou database order-db: lock contention" },
  groupId: "g1",
  startedAt: "2026-06-18T06:03:20.000Z",
  detectedAt: "2026-06-18T06:04:00.000Z",
  createdAt: "2026-06-18T06:04:00.000Z",
  sites: ["suzhou"],
  services: ["order", "pay"],
  departments: ["民政厅", "人社厅"],
  respond: clock,
  restore: { ...clock, targetMs: 14_400_000, dueAt: "2026-06-18T10:04:00.000Z" },
  alertCount: 42,
  reopenCount: 0,
  report: REPORT,
};

/** An entry of that incident's log. For tests. */
export function incidentMessage(changes: Partial<IncidentMessage> = {}, incident: Partial<IncidentSnapshot> = {}): IncidentMessage {
  return {
    messageId: "i1",
    incidentId: INCIDENT.incidentId,
    seq: 1,
    event: "created",
    to: "new",
    actor: "system",
    at: "2026-06-18T06:04:00.000Z",
    fields: {},
    ...changes,
    incident: { ...INCIDENT, ...incident },
  };
}

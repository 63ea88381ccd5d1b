import type { EvidenceItem, IncidentSnapshot, RcaReport } from "@yunwei/schemas";

const nano = (ms: number): string => `${ms}000000`;
const iso = (ms: number): string => new Date(ms).toISOString();
const MINUTE_MS = 60_000;
export const INCIDENT_ID = "0123456789abcdef0123456789abcdef";
export const GROUP_ID = "fedcba9876543210fedcba9876543210";

/** A lock in a database of Suzhou slows two services; a certificate change beside it is innocent. `endMs` is now; it began 12 minutes before. */
export function reportOf(endMs: number): RcaReport {
  const onset = endMs - 12 * MINUTE_MS;
  const evidence = (changes: Partial<EvidenceItem>): EvidenceItem => ({
    family: "lock",
    entity: "database:order-db",
    metric: "db.lock.waiting",
    unit: "{lock}",
    seriesId: "0000000000000010",
    onsetUnixNano: nano(onset),
    value: 45,
    expected: 2,
    score: 30,
    direction: "up",
    weight: 4.2,
    ...changes,
  });
  return {
    messageId: "m1",
    groupId: GROUP_ID,
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
          evidence({
            family: "latency",
            entity: "service:order",
            metric: "yunwei.service.duration",
            unit: "s",
            seriesId: "00000000000000ff",
            value: 2.347,
            expected: 0.18,
            weight: 2.1,
          }),
          evidence({
            family: "cpu",
            entity: "host:db-7",
            metric: "system.cpu.utilization",
            unit: "1",
            seriesId: "0000000000000011",
            value: 0.97,
            expected: 0.31,
            weight: 1.2,
            onsetUnixNano: nano(onset + 40_000),
          }),
        ],
        contradicting: [
          evidence({
            family: "disk_io",
            entity: "host:db-7",
            metric: "system.disk.io_time",
            unit: "1",
            seriesId: "0000000000000012",
            value: 0.22,
            expected: 0.2,
            score: 0.4,
            weight: -0.8,
          }),
        ],
        path: ["database:order-db", "service:order", "service:gov-portal"],
        coverage: 0.92,
        changeId: "c1",
      },
      {
        entity: "host:db-7",
        mode: "cpu_saturation",
        site: "suzhou",
        score: 0.09,
        evidence: [
          evidence({
            family: "cpu",
            entity: "host:db-7",
            metric: "system.cpu.utilization",
            unit: "1",
            seriesId: "0000000000000011",
            value: 0.97,
            expected: 0.31,
            weight: 1.2,
          }),
        ],
        contradicting: [],
        path: ["host:db-7", "database:order-db"],
        coverage: 0.5,
      },
    ],
    groupState: "open",
    severity: "major",
    startedUnixNano: nano(onset),
    generatedUnixNano: nano(onset + 30_000),
    alertCount: 14,
    impact: { services: ["order", "gov-portal"], departments: ["civil-affairs"], sites: ["suzhou"], entityCount: 6 },
    graph: {
      nodes: [
        { entity: "database:order-db", site: "suzhou", role: "cause", score: 30 },
        { entity: "service:order", site: "suzhou", role: "symptom", score: 22 },
        { entity: "instance:order/o-1", site: "suzhou", role: "between", score: 0 },
        { entity: "service:gov-portal", site: "nanjing", role: "symptom", score: 11 },
        { entity: "service:pay", site: "suzhou", role: "symptom", score: 9 },
      ],
      edges: [
        { from: "service:order", to: "database:order-db", relation: "calls" },
        { from: "instance:order/o-1", to: "service:order", relation: "instance_of" },
        { from: "service:gov-portal", to: "service:order", relation: "calls" },
        { from: "service:pay", to: "database:order-db", relation: "calls" },
      ],
    },
    changes: [
      {
        changeId: "c1",
        title: "order-db 参数调整：锁等待超时 5 s → 60 s",
        kind: "database",
        entity: "database:order-db",
        startedUnixNano: nano(onset - 4 * MINUTE_MS),
        suspected: true,
        reason: "fits",
      },
      {
        changeId: "c0",
        title: "网关证书轮换",
        kind: "certificate",
        entity: "service:gov-portal",
        startedUnixNano: nano(onset - 70 * MINUTE_MS),
        suspected: false,
        reason: "other_kind",
      },
    ],
    source: "seed",
  };
}

export function incidentOf(endMs: number, changes: Partial<IncidentSnapshot> = {}): IncidentSnapshot {
  const startedMs = endMs - 12 * MINUTE_MS;
  const detectedMs = startedMs + 45_000;
  return {
    incidentId: INCIDENT_ID,
    number: "INC-000123",
    state: "new",
    priority: "P2",
    impact: 2,
    urgency: 2,
    major: false,
    title: { zh: "苏州 数据库 order-db：锁争用", en: "Suzhou database order-db: lock contention" },
    groupId: GROUP_ID,
    startedAt: iso(startedMs),
    detectedAt: iso(detectedMs),
    createdAt: iso(detectedMs),
    sites: ["suzhou"],
    services: ["order", "gov-portal"],
    departments: ["civil-affairs"],
    respond: { targetMs: 30 * MINUTE_MS, elapsedMs: endMs - detectedMs, state: "running", breached: false, dueAt: iso(detectedMs + 30 * MINUTE_MS) },
    restore: { targetMs: 240 * MINUTE_MS, elapsedMs: endMs - detectedMs, state: "running", breached: false, dueAt: iso(detectedMs + 240 * MINUTE_MS) },
    alertCount: 14,
    reopenCount: 0,
    ...changes,
  };
}

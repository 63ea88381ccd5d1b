import type { RcaReport } from "@yunwei/schemas";

/** 2026-06-18 14:03:20 in Beijing. */
const FAULT_START_NANO = "1781762600000000000";

/** A report as rca writes it: a lock in a database of Suzhou slows two services. For tests. */
export function lockReport(changes: Partial<RcaReport> = {}): RcaReport {
  const evidence = {
    family: "lock" as const,
    entity: "database:order-db",
    metric: "db.lock.waiting",
    unit: "{lock}",
    seriesId: "00000000000000aa",
    onsetUnixNano: FAULT_START_NANO,
    value: 45,
    expected: 2,
    score: 30,
    direction: "up" as const,
    weight: 4.2,
  };
  return {
    messageId: `m-${changes.groupId ?? "g1"}-${changes.revision ?? 1}`,
    groupId: "g1",
    revision: 1,
    verdict: "cause",
    confidence: 0.87,
    causes: [
      {
        entity: "database:order-db",
        mode: "lock_contention",
        site: "suzhou",
        score: 0.87,
        evidence: [evidence],
        contradicting: [],
        path: ["database:order-db", "service:order"],
        coverage: 1,
      },
    ],
    groupState: "open",
    severity: "major",
    startedUnixNano: FAULT_START_NANO,
    generatedUnixNano: String(BigInt(FAULT_START_NANO) + 30_000_000_000n),
    alertCount: 42,
    impact: { services: ["order", "pay"], departments: ["civil-affairs"], sites: ["suzhou"], entityCount: 3 },
    graph: {
      nodes: [
        { entity: "database:order-db", site: "suzhou", role: "cause", score: 30 },
        { entity: "service:pay", site: "suzhou", role: "symptom", score: 9 },
        { entity: "service:order", site: "suzhou", role: "symptom", score: 22 },
      ],
      edges: [{ from: "service:order", to: "database:order-db", relation: "calls" }],
    },
    changes: [],
    source: "demo",
    ...changes,
  };
}

/** The same group before anything is known of its cause. For tests. */
export function undeterminedReport(changes: Partial<RcaReport> = {}): RcaReport {
  return lockReport({ verdict: "undetermined", confidence: 0.2, causes: [], ...changes });
}

import type { AlertGroupMessage, AlertSummary, ChangeMessage, EntityKey, EvidenceFamily } from "@yunwei/schemas";
import { familyOfMetric } from "@yunwei/schemas";
import { addDeclared, addResources, parseDeclaredTopology, Topology } from "@yunwei/topology";
import type { Evidence } from "./evidence-book.ts";

/** A small estate: web at two cities calls api at the core, which uses pg; two vms a host. */
export function smallEstate(): Topology {
  const topology = new Topology();
  const machine = (name: string, site: string, hypervisor: string) => ({
    entity: `vm:${name}` as const,
    service: "",
    site,
    tier: "core",
    department: "d",
    attrs: { "host.name": name, "yunwei.hypervisor": hypervisor, "yunwei.rack": `${site}-r1` },
  });
  const instance = (service: string, vm: string, site: string) => ({
    entity: `instance:${service}/${vm}` as const,
    service,
    site,
    tier: "core",
    department: "d",
    attrs: { "service.name": service, "host.name": vm },
  });
  addResources(topology, [
    machine("web-s", "suzhou", "h-s"),
    machine("other-s", "suzhou", "h-s"),
    machine("web-n", "nanjing", "h-n"),
    machine("api-1", "core-prod", "h-1"),
    machine("api-2", "core-prod", "h-2"),
    machine("pg-1", "core-prod", "h-2"),
    instance("web", "web-s", "suzhou"),
    instance("web", "web-n", "nanjing"),
    instance("other", "other-s", "suzhou"),
    instance("api", "api-1", "core-prod"),
    instance("api", "api-2", "core-prod"),
    { entity: "database:pg", service: "pg", site: "core-prod", tier: "core", department: "d", attrs: { "service.name": "pg", "host.name": "pg-1" } },
  ]);
  addDeclared(
    topology,
    parseDeclaredTopology(
      "sites: [{id: core-prod, tier: core}, {id: suzhou}, {id: nanjing}]\nlinks: [{id: core-prod--suzhou, between: [core-prod, suzhou]}, {id: core-prod--nanjing, between: [core-prod, nanjing]}]",
    ),
  );
  topology.addCalls("service:web", "service:api", "suzhou", "core-prod", 100, 0);
  topology.addCalls("service:web", "service:api", "nanjing", "core-prod", 100, 0);
  topology.addCalls("service:api", "database:pg", "core-prod", "core-prod", 200, 0);
  return topology;
}

let count = 0;

/** A harmful deviation, `atS` seconds after the start of the story. */
export function seen(entity: EntityKey, metric: string, atS: number, over: Partial<Evidence> = {}): Evidence {
  const family: EvidenceFamily = over.family ?? familyOfMetric(metric).family;
  count++;
  return {
    anomalyId: `a${count}`,
    entity,
    service: entity.startsWith("service:") ? entity.slice(8) : "",
    site: "",
    department: "d",
    family,
    metric,
    unit: "1",
    seriesId: "0000000000000001",
    detector: "deviation",
    direction: "up",
    harmful: true,
    edge: undefined,
    labels: {},
    onsetMs: atS * 1000,
    lastMs: atS * 1000 + 60_000,
    closed: false,
    value: 10,
    expected: 1,
    score: 40,
    ...over,
  };
}

/** An alert on what was seen. */
export function alertOf(evidence: Evidence, severity: AlertSummary["severity"] = "major"): AlertSummary {
  const { entity, service, site, department, metric, unit, seriesId, family, value, expected, direction, score } = evidence;
  const nano = `${evidence.onsetMs}000000`;
  return {
    alertId: `alert-${evidence.anomalyId}`,
    policyId: "p",
    condition: "firing",
    severity,
    entity,
    service,
    site,
    tier: "",
    department,
    metric,
    unit,
    seriesId,
    family,
    labels: {},
    value,
    expected,
    lower: 0,
    upper: expected * 2,
    peakScore: score,
    direction,
    startedUnixNano: nano,
    firedUnixNano: nano,
  };
}

export function groupOf(alerts: readonly AlertSummary[]): AlertGroupMessage {
  return {
    messageId: "m",
    groupId: "g".repeat(32),
    revision: 1,
    state: "open",
    severity: "major",
    startedUnixNano: alerts[0]?.startedUnixNano ?? "0",
    updatedUnixNano: "600000000000",
    alerts: [...alerts],
    alertCount: alerts.length,
    sites: [],
    departments: [],
    joins: [],
    source: "t",
  };
}

export function changeAt(atS: number, entity: EntityKey, kind: ChangeMessage["kind"] = "deploy"): ChangeMessage {
  return { changeId: `c-${entity}-${atS}`, kind, title: "a change", entities: [entity], startedUnixNano: `${atS * 1000}000000`, actor: "x", labels: {} };
}

import { type Anomaly, ENTITY_TYPES, EVIDENCE_FAMILIES, METRIC } from "@yunwei/schemas";
import { type Static, Type } from "typebox";

const Id = Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,62}$", description: "lower-case letters, digits and hyphens" });
const Severity = Type.Enum(["critical", "major", "minor", "info"]);
const Duration = Type.String({ pattern: "^[0-9]{1,5}(s|m|h)$", description: "e.g. 30s, 5m, 1h" });
const Names = Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { minItems: 1, maxItems: 200 });
const Types = Type.Array(Type.Enum(ENTITY_TYPES), { minItems: 1 });

/** Pages on what the detectors found: the threshold moves with the series. */
const Dynamic = Type.Object(
  {
    id: Id,
    kind: Type.Literal("dynamic"),
    severity: Severity,
    families: Type.Optional(Type.Array(Type.Enum(EVIDENCE_FAMILIES), { minItems: 1 })),
    metrics: Type.Optional(Names),
    entityTypes: Type.Optional(Types),
    sites: Type.Optional(Names),
    departments: Type.Optional(Names),
    /** Least robust z; default 0: what the detector calls an anomaly. */
    minScore: Type.Optional(Type.Number({ minimum: 0 })),
    /** Only deviations past a hard limit (disk full, certificate expired). */
    limitOnly: Type.Optional(Type.Boolean()),
    for: Type.Optional(Duration),
    keepFiring: Type.Optional(Duration),
  },
  { additionalProperties: false },
);

/** Pages on a fixed threshold, whatever the series' history. */
const StaticThreshold = Type.Object(
  {
    id: Id,
    kind: Type.Literal("static"),
    severity: Severity,
    metric: Type.String({ minLength: 1, maxLength: 200 }),
    op: Type.Enum([">", ">=", "<", "<="]),
    threshold: Type.Number(),
    entityTypes: Type.Optional(Types),
    sites: Type.Optional(Names),
    departments: Type.Optional(Names),
    for: Type.Optional(Duration),
    keepFiring: Type.Optional(Duration),
  },
  { additionalProperties: false },
);

export const DynamicSchema = Dynamic;
export const StaticSchema = StaticThreshold;
export type DynamicPolicy = Static<typeof Dynamic>;
export type StaticPolicy = Static<typeof StaticThreshold>;
export type AlertPolicy = DynamicPolicy | StaticPolicy;

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** "30s" -> 30,000; undefined -> `fallback`. */
export function durationMs(text: string | undefined, fallback: number): number {
  return text === undefined ? fallback : Number(text.slice(0, -1)) * UNIT_MS[text.slice(-1)]!;
}

/** The first policy that a deviation falls under, or undefined: a finding that nobody asked to be told of. */
export function policyFor(policies: readonly AlertPolicy[], anomaly: Anomaly): DynamicPolicy | undefined {
  if (!anomaly.harmful || !anomaly.mature) return undefined;
  return policies.find((policy): policy is DynamicPolicy => policy.kind === "dynamic" && fits(policy, anomaly));
}

function fits(policy: DynamicPolicy, anomaly: Anomaly): boolean {
  const hard = anomaly.detector === "limit" || anomaly.detector === "absence";
  return (
    (policy.limitOnly !== true || anomaly.detector === "limit") &&
    (hard || anomaly.peakScore >= (policy.minScore ?? 0)) &&
    includes(policy.families, anomaly.family) &&
    includes(policy.entityTypes, anomaly.entityType) &&
    includes(policy.sites, anomaly.site) &&
    includes(policy.departments, anomaly.department) &&
    (policy.metrics === undefined || policy.metrics.some((pattern) => matchesGlob(pattern, anomaly.metric)))
  );
}

function includes(list: readonly string[] | undefined, value: string): boolean {
  return list === undefined || list.includes(value);
}

/** `*` stands for any run of characters; everything else for itself. Linear: no regular expression from outside. */
export function matchesGlob(pattern: string, text: string): boolean {
  const parts = pattern.split("*");
  if (parts.length === 1) return pattern === text;
  const [first = "", ...rest] = parts;
  const last = rest.pop() ?? "";
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > text.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}

/** In force without a file: what people feel pages, what a machine shows by itself is told quietly, a hard fact pages at once. */
export const DEFAULT_POLICIES: readonly AlertPolicy[] = [
  { id: "power-lost", kind: "dynamic", severity: "critical", families: ["power"] },
  { id: "link-down", kind: "dynamic", severity: "critical", families: ["availability"], entityTypes: ["link"] },
  { id: "gone-silent", kind: "dynamic", severity: "major", families: ["availability"], keepFiring: "1m" },
  { id: "certificate-expired", kind: "dynamic", severity: "critical", families: ["certificate"], limitOnly: true },
  { id: "disk-full", kind: "dynamic", severity: "critical", families: ["disk_space"], limitOnly: true },
  { id: "link-degraded", kind: "dynamic", severity: "major", families: ["link_latency", "link_loss"], for: "15s" },
  { id: "service-errors", kind: "dynamic", severity: "major", families: ["error"], entityTypes: ["service"], for: "15s" },
  { id: "service-slow", kind: "dynamic", severity: "major", families: ["latency"], entityTypes: ["service"], for: "30s" },
  { id: "calls-failing", kind: "dynamic", severity: "major", families: ["edge_error"], for: "30s" },
  { id: "calls-slow", kind: "dynamic", severity: "minor", families: ["edge_gap"], for: "45s" },
  { id: "database-locked", kind: "dynamic", severity: "major", families: ["lock"], entityTypes: ["database"], for: "30s" },
  {
    id: "resource-strained",
    kind: "dynamic",
    severity: "minor",
    families: ["cpu", "memory", "disk_io", "disk_space"],
    entityTypes: ["host", "vm", "instance", "database"],
    minScore: 15,
    for: "60s",
    keepFiring: "2m",
  },
  { id: "memory-nearly-full", kind: "static", severity: "minor", metric: "system.memory.utilization", op: ">=", threshold: 0.97, for: "5m", keepFiring: "2m" },
  { id: "link-lossy", kind: "static", severity: "major", metric: METRIC.linkLoss, op: ">=", threshold: 0.05, for: "30s" },
];

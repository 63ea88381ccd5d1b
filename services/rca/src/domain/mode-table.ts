import type { CauseMode, EntityType, EvidenceFamily } from "@yunwei/schemas";
import type { Evidence } from "./evidence-book.ts";

/**
 * A failure mode as a codebook row (Kliger et al., "A coding approach to event correlation", IM 1995; the typed
 * evidence of design §6): which entities can have it, what must be seen on the entity itself, and what else fits.
 */
export interface ModeRow {
  readonly mode: CauseMode;
  readonly types: readonly EntityType[];
  /** The deviation without which the mode is not considered. */
  readonly required: (evidence: Evidence) => boolean;
  /** Families on the entity or what it carries that make it more likely. */
  readonly supporting: readonly EvidenceFamily[];
  /** Log-odds before any evidence: how specific the required deviation is. */
  readonly prior: number;
  /** Internal evidence speaks of the entity itself; a mode without it can be inherited from what the entity uses. */
  readonly internal: boolean;
}

const up = (family: EvidenceFamily) => (evidence: Evidence) => evidence.family === family && evidence.direction === "up" && evidence.harmful;

export const MODE_TABLE: readonly ModeRow[] = [
  {
    mode: "power_loss",
    types: ["site", "rack", "host"],
    required: (e) => e.family === "power" && e.direction !== "up",
    supporting: ["availability"],
    prior: 2,
    internal: true,
  },
  {
    mode: "link_down",
    types: ["link"],
    required: (e) => e.family === "availability" && e.metric.endsWith("link.up"),
    supporting: ["edge_error", "edge_gap"],
    prior: 2,
    internal: true,
  },
  { mode: "network_loss", types: ["link"], required: up("link_loss"), supporting: ["edge_error", "edge_gap"], prior: 1.2, internal: true },
  { mode: "network_delay", types: ["link"], required: up("link_latency"), supporting: ["edge_gap"], prior: 1, internal: true },
  {
    mode: "certificate_expired",
    types: ["instance", "service", "device"],
    required: (e) => e.family === "certificate" && e.value <= 0,
    supporting: ["error", "edge_error", "log_error"],
    prior: 2,
    internal: true,
  },
  {
    mode: "disk_full",
    types: ["host", "vm", "database", "storage"],
    required: (e) => e.family === "disk_space" && (e.detector === "limit" || e.value >= 0.9),
    supporting: ["log_error", "error", "edge_error"],
    prior: 1.5,
    internal: true,
  },
  {
    mode: "disk_slow",
    types: ["host", "vm", "database", "storage"],
    required: up("disk_io"),
    supporting: ["self_time", "edge_gap", "lock"],
    prior: 0.6,
    internal: true,
  },
  { mode: "lock_contention", types: ["database"], required: up("lock"), supporting: ["edge_gap"], prior: 1, internal: true },
  {
    mode: "memory_exhaustion",
    types: ["instance", "vm", "host", "database"],
    required: up("memory"),
    supporting: ["restart", "disk_io", "self_time"],
    prior: 0.6,
    internal: true,
  },
  { mode: "cpu_saturation", types: ["instance", "vm", "host", "database"], required: up("cpu"), supporting: ["self_time"], prior: 0.4, internal: true },
  {
    mode: "process_crash",
    types: ["instance", "pod", "process", "database"],
    required: (e) => (e.family === "availability" && e.direction !== "up") || (e.family === "restart" && e.direction === "down"),
    supporting: ["log_error"],
    prior: 0.9,
    internal: true,
  },
  {
    mode: "bad_change",
    types: ["service"],
    required: (e) => up("error")(e) || up("self_time")(e) || up("log_error")(e),
    supporting: ["log_error", "self_time", "error"],
    prior: -0.4,
    internal: false,
  },
  {
    mode: "error_self",
    types: ["service", "instance"],
    required: (e) => up("log_error")(e) || up("error")(e),
    supporting: ["log_error", "error"],
    prior: -1.2,
    internal: false,
  },
  {
    mode: "slow_self",
    types: ["service", "instance", "database"],
    required: (e) => up("self_time")(e) || up("latency")(e),
    supporting: ["latency", "self_time"],
    prior: -1.2,
    internal: false,
  },
  { mode: "network_delay", types: ["edge"], required: up("edge_gap"), supporting: [], prior: -1.5, internal: false },
];

/** What users of a failing thing show, whatever failed: they wait, they get errors, they log them. */
const FELT_BY_USERS: ReadonlySet<EvidenceFamily> = new Set(["latency", "error", "edge_gap", "edge_error", "log_error", "self_time", "load"]);
/** Modes of a machine: what stands on it can show anything. */
const OF_MACHINES: ReadonlySet<CauseMode> = new Set(["cpu_saturation", "memory_exhaustion", "disk_slow", "disk_full", "power_loss"]);
/** Modes after which telemetry or the thing itself can be missing. */
const CAN_SILENCE: ReadonlySet<CauseMode> = new Set(["power_loss", "link_down", "network_loss", "memory_exhaustion", "process_crash", "disk_full"]);
const ON_THE_WIRE: ReadonlySet<CauseMode> = new Set(["power_loss", "link_down", "network_loss"]);
const CAN_BLOCK_LOCKS: ReadonlySet<CauseMode> = new Set(["disk_slow", "disk_full", "cpu_saturation", "memory_exhaustion"]);

/**
 * What a mode can bring about on the entities it reaches: explain-away works only along these. Hard facts of another
 * entity (a full disk, an expired certificate) are never explained by a neighbour's trouble.
 */
export function canExplain(mode: CauseMode, family: EvidenceFamily): boolean {
  switch (family) {
    case "certificate":
    case "disk_space":
    case "power":
      return mode === "power_loss";
    case "lock":
      return CAN_BLOCK_LOCKS.has(mode);
    case "availability":
    case "restart":
      return CAN_SILENCE.has(mode);
    case "link_latency":
    case "link_loss":
      return ON_THE_WIRE.has(mode);
    default:
      return FELT_BY_USERS.has(family) || OF_MACHINES.has(mode);
  }
}

import { METRIC } from "@yunwei/schemas";
import { stateOf } from "./scoring-traits.ts";
import type { SeriesIdentity } from "./series-identity.ts";

/** A bound that needs no history. One row per rule; a series has at most one. */
export interface LimitRule {
  readonly name: string;
  /** A restart is a change against the prediction, not a bound; all others are limits. */
  readonly detector: "limit" | "deviation";
  readonly direction: "up" | "down";
  readonly threshold: number;
  /** Severity as a multiple of the threshold of opening; 0 = not breached. @param previous - the value before, NaN at the first */
  readonly breach: (value: number, previous: number, open: boolean) => number;
  /** True: the value is judged by this rule alone (it has no normal level). */
  readonly alone: boolean;
}

const FULL_RATIO = 0.95;
const CERTIFICATE_WARN_SECONDS = 3 * 86_400;
/** A rack draws hundreds of watts even when idle. */
const DEAD_RACK_WATTS = 20;
/** One lost packet of a ten-packet probe is not yet a broken link. */
const LOSS_RATIO = 0.1;
/** A process that came back reports less uptime than before; clocks of exporters wobble by less than this. */
const RESTART_SECONDS = 30;
const RESTART_LASTS_SECONDS = 60;

const above = (name: string, threshold: number, severity: number): LimitRule => ({
  name,
  detector: "limit",
  direction: "up",
  threshold,
  breach: (value) => (value >= threshold ? severity : 0),
  alone: false,
});
const below = (name: string, threshold: number, severity: number): LimitRule => ({
  name,
  detector: "limit",
  direction: "down",
  threshold,
  breach: (value) => (value <= threshold ? severity : 0),
  alone: false,
});

const FULL = above("filesystem full", FULL_RATIO, 2);
const FULL_PERCENT = above("filesystem full", FULL_RATIO * 100, 2);
const LOSS = above("link loss", LOSS_RATIO, 2);
const DOWN = below("down", 0.49, 4);
const DARK = below("rack without power", DEAD_RACK_WATTS, 4);
const CERTIFICATE: LimitRule = {
  ...below("certificate expires", CERTIFICATE_WARN_SECONDS, 2),
  breach: (seconds) => (seconds <= 0 ? 4 : seconds < CERTIFICATE_WARN_SECONDS ? 2 : 0),
  alone: true,
};
const RESTART: LimitRule = {
  name: "restart",
  detector: "deviation",
  direction: "down",
  threshold: RESTART_LASTS_SECONDS,
  breach: (uptime, previous, open) => ((open ? uptime < RESTART_LASTS_SECONDS : previous - uptime >= RESTART_SECONDS) ? 4 : 0),
  alone: true,
};

/** File systems that are full by nature. */
const READ_ONLY_TYPES: ReadonlySet<string> = new Set(["squashfs", "iso9660", "udf", "erofs", "cramfs"]);

/** The limit rule of a series, if it has one. Pure; asked once per series. */
export function limitRuleOf(series: SeriesIdentity): LimitRule | undefined {
  switch (series.metric) {
    case "system.filesystem.utilization":
      if (!isWritableUse(series.labels)) return undefined;
      return series.unit === "%" ? FULL_PERCENT : FULL;
    case METRIC.certificateRemaining:
      return CERTIFICATE;
    case METRIC.linkLoss:
      return LOSS;
    case METRIC.rackPower:
      return DARK;
    case "process.uptime":
      return RESTART;
    default:
      return series.reading === "gauge" && series.traits.family === "availability" && series.traits.harmful === "down" ? DOWN : undefined;
  }
}

function isWritableUse(labels: Readonly<Record<string, string>>): boolean {
  const state = stateOf(labels);
  const mode = labels["system.filesystem.mode"] ?? labels["mode"] ?? "rw";
  const type = labels["system.filesystem.type"] ?? labels["type"] ?? "";
  return (state === "" || state === "used") && mode !== "ro" && !READ_ONLY_TYPES.has(type);
}

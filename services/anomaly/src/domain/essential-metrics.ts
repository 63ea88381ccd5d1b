/** Metrics that stop only when the entity itself stops, most telling first: an absence is told of the first that is there. */
const ESSENTIAL: readonly string[] = [
  "process.uptime",
  "system.cpu.utilization",
  "process.cpu.utilization",
  "container.cpu.utilization",
  "system.uptime",
  "yunwei.link.up",
  "yunwei.rack.power",
  "up",
];
const RANK = new Map(ESSENTIAL.map((metric, index) => [metric, index]));

/** 0 = most telling; ESSENTIAL_RANKS and above = not essential. */
export function essentialRank(metric: string): number {
  return RANK.get(metric) ?? ESSENTIAL.length;
}

export const ESSENTIAL_RANKS = ESSENTIAL.length;

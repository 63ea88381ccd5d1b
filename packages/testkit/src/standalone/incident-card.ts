import type { Cause, EvidenceItem, IncidentSnapshot } from "@yunwei/schemas";

const BEIJING = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "medium" });

export interface CardOptions {
  /** Address of the console, for the link to the incident's page. */
  readonly console: string;
  /** Show so many ranked candidates although none of them is named as the cause; default 0. */
  readonly unnamedCauses?: number;
}

/** Unix nanoseconds as Beijing time, e.g. `2026-11-26 14:03:15`. */
export function beijingTime(unixNano: string): string {
  return BEIJING.format(new Date(Number(BigInt(unixNano) / 1_000_000n)));
}

/** A value with its unit, for people: ratios as percent, seconds as ms when short, bytes as GiB. */
export function formatValue(value: number, unit: string): string {
  if (!Number.isFinite(value)) return "no data";
  switch (unit) {
    case "1":
      return Math.abs(value) <= 1.5 ? `${(value * 100).toFixed(1)} %` : value.toFixed(1);
    case "s":
      return Math.abs(value) >= 86_400 ? `${(value / 86_400).toFixed(1)} d` : Math.abs(value) < 1 ? `${(value * 1000).toFixed(1)} ms` : `${value.toFixed(2)} s`;
    case "By":
      return `${(value / 2 ** 30).toFixed(2)} GiB`;
    default:
      return `${Number(value.toPrecision(3))}${unit.startsWith("{") || unit === "" ? "" : ` ${unit}`}`;
  }
}

/** What the incident's page says, for a terminal. */
export function incidentCard(incident: IncidentSnapshot, { console, unnamedCauses = 0 }: CardOptions): string {
  const lines = [`${incident.number}  ${incident.priority}  ${incident.state}  ${incident.title.en}`, `  ${incident.title.zh}`];
  if (incident.report !== undefined) lines.push(...reportLines(incident.report, unnamedCauses));
  lines.push(`  page      ${console}/incidents/${incident.incidentId}`);
  return lines.join("\n");
}

function reportLines(report: NonNullable<IncidentSnapshot["report"]>, unnamedCauses: number): string[] {
  const says = {
    cause: `cause named, confidence ${(report.confidence * 100).toFixed(0)} %`,
    external_load: "outside load: traffic rose, nothing inside is at fault",
    undetermined: "cause not determined (根因未定)",
  };
  const lines = [`  verdict   ${says[report.verdict]}`];
  const named = report.verdict === "cause";
  const shown = report.causes.slice(0, named ? Math.max(3, unnamedCauses) : unnamedCauses);
  const top = shown[0];
  if (top !== undefined) {
    lines.push(named ? "  causes" : "  looked at, and not sure enough of any");
    lines.push(...shown.map((cause, index) => causeLine(cause, index + 1)));
    lines.push("  evidence", ...top.evidence.slice(0, 4).map((item) => `    ${evidenceLine(item)}`), `  way       ${top.path.join("  ->  ")}`);
  }
  if (named) {
    const suspect = report.changes.find((change) => change.suspected);
    const guilty = suspect === undefined ? `none guilty (${report.changes.length} looked at)` : `${suspect.title} at ${beijingTime(suspect.startedUnixNano)}`;
    lines.push(`  change    ${guilty}`);
  }
  const { services, departments, sites } = report.impact;
  lines.push(
    `  impact    ${services.length} service(s), ${departments.join(", ") || "no department"}, sites ${sites.join(", ") || "-"}; ${report.alertCount} alert(s) in one message`,
  );
  return lines;
}

function evidenceLine({ entity, metric, unit, value, expected, direction, onsetUnixNano }: EvidenceItem): string {
  const now = direction === "absent" ? "stopped reporting" : `${formatValue(value, unit)} (normal ${formatValue(expected, unit)})`;
  return `${entity}  ${metric}  ${now}, since ${beijingTime(onsetUnixNano)}`;
}

function causeLine({ entity, mode, score, coverage }: Cause, place: number): string {
  return `    ${place}. ${entity}  ${mode.replaceAll("_", " ")}  score ${score.toFixed(2)}, reaches ${(coverage * 100).toFixed(0)} % of the symptoms`;
}

import type { Cause, EvidenceItem, IncidentSnapshot } from "@yunwei/schemas";
import type { DemoResult, Moment } from "./demo-run.ts";

const BEIJING = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "medium" });

/** Nanoseconds as Beijing time, e.g. `2026-11-26 14:03:15`. */
function beijing(unixNano: string): string {
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

function evidenceLine({ entity, metric, unit, value, expected, direction, onsetUnixNano }: EvidenceItem): string {
  const now = direction === "absent" ? "stopped reporting" : `${formatValue(value, unit)} (normal ${formatValue(expected, unit)})`;
  return `${entity}  ${metric}  ${now}, since ${beijing(onsetUnixNano)}`;
}

function causeLines(cause: Cause, place: number): string[] {
  return [
    `  ${place}. ${cause.entity}  ${cause.mode.replaceAll("_", " ")}  score ${cause.score.toFixed(2)}, reaches ${(cause.coverage * 100).toFixed(0)} % of the symptoms`,
  ];
}

/** What the incident's page says, for a terminal. */
export function incidentCard(incident: IncidentSnapshot, page: string): string {
  const { report } = incident;
  const lines = [`${incident.number}  ${incident.priority}  ${incident.state}  ${incident.title.en}`, `  ${incident.title.zh}`];
  if (report !== undefined) {
    const says = {
      cause: `cause named, confidence ${(report.confidence * 100).toFixed(0)} %`,
      external_load: "outside load: traffic rose, nothing inside is at fault",
      undetermined: "cause not determined (根因未定)",
    };
    lines.push(`  verdict   ${says[report.verdict]}`);
    if (report.verdict === "cause") {
      const top = report.causes[0]!;
      lines.push(
        "  causes",
        ...report.causes
          .slice(0, 3)
          .flatMap((cause, index) => causeLines(cause, index + 1))
          .map((line) => `  ${line}`),
      );
      lines.push("  evidence", ...top.evidence.slice(0, 4).map((item) => `    ${evidenceLine(item)}`));
      lines.push(`  way       ${top.path.join("  ->  ")}`);
      const suspect = report.changes.find((change) => change.suspected);
      lines.push(
        `  change    ${suspect === undefined ? `none guilty (${report.changes.length} looked at)` : `${suspect.title} at ${beijing(suspect.startedUnixNano)}`}`,
      );
    }
    lines.push(
      `  impact    ${report.impact.services.length} service(s), ${report.impact.departments.join(", ") || "no department"}, sites ${report.impact.sites.join(", ") || "-"}; ${report.alertCount} alert(s) in one message`,
    );
  }
  lines.push(`  page      ${page}/incidents/${incident.incidentId}`);
  return lines.join("\n");
}

function moment(name: string, when: Moment | undefined): string {
  return `  ${name.padEnd(24)} ${when === undefined ? "-" : `${when.simulated} s of the estate's time, ${when.wall} s of yours`}`;
}

/** The end of a run: what was injected, what was said, and whether that is right. */
export function verdictText({ truth, fault, named, right, firingAlert, namedCause, notification }: DemoResult): string {
  const injected = truth.entity === undefined ? `${fault}: nobody's fault` : `${fault} on ${truth.entity} (${truth.mode?.replaceAll("_", " ")})`;
  const cause = named?.report?.causes[0];
  return [
    `injected   ${injected}`,
    `named      ${cause === undefined ? "no cause" : `${cause.entity} (${cause.mode.replaceAll("_", " ")})`}`,
    "from the fault to",
    moment("the first firing alert", firingAlert),
    moment("the named cause", namedCause),
    moment("the notification", notification),
    right ? "RIGHT" : "WRONG",
  ].join("\n");
}

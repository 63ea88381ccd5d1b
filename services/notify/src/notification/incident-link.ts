import type { IncidentSnapshot } from "@yunwei/schemas";

const BEFORE_MS = 30 * 60_000;
const AFTER_MS = 10 * 60_000;

/**
 * Address of an incident's page, with the time range to look at in event time (Unix milliseconds): from half an hour
 * before the fault began to ten minutes after the newest report. @param baseUrl - with or without a slash at its end
 */
export function incidentLink(baseUrl: string, incident: IncidentSnapshot): string {
  const startedMs = Date.parse(incident.startedAt);
  const newestMs = incident.report === undefined ? startedMs : Number(BigInt(incident.report.generatedUnixNano) / 1_000_000n);
  const range = `from=${startedMs - BEFORE_MS}&to=${Math.max(newestMs, startedMs) + AFTER_MS}`;
  return `${baseUrl.replace(/\/+$/, "")}/incidents/${encodeURIComponent(incident.incidentId)}?${range}`;
}

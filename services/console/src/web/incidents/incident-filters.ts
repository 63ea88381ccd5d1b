import type { Incident } from "../api/contracts.ts";

/** What the list shows; kept in the address, so that a link shows the same. */
export interface IncidentFilters {
  readonly state: "open" | "all";
  /** "" = any. */
  readonly priority: string;
  readonly site: string;
  readonly text: string;
}

/** Filters of an address; what it does not say, or says wrongly, is the default. */
export function filtersOf(query: URLSearchParams): IncidentFilters {
  const priority = query.get("priority") ?? "";
  return {
    state: query.get("state") === "all" ? "all" : "open",
    priority: /^P[1-4]$/.test(priority) ? priority : "",
    site: (query.get("site") ?? "").slice(0, 100),
    text: (query.get("q") ?? "").slice(0, 200),
  };
}

/** The address of filters; defaults are left out. */
export function queryOfFilters({ state, priority, site, text }: IncidentFilters): URLSearchParams {
  const query = new URLSearchParams();
  if (state !== "open") query.set("state", state);
  if (priority !== "") query.set("priority", priority);
  if (site !== "") query.set("site", site);
  if (text !== "") query.set("q", text);
  return query;
}

/** Whether an incident is to be shown; `state` is the server's part. */
export function isShown(incident: Incident, { priority, site, text }: IncidentFilters): boolean {
  if (priority !== "" && incident.priority !== priority) return false;
  if (site !== "" && !incident.sites.includes(site)) return false;
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return true;
  return [incident.number, incident.title.zh, incident.title.en, incident.assignee ?? "", ...incident.services].some((part) =>
    part.toLowerCase().includes(wanted),
  );
}

import type { IncidentSnapshot } from "@yunwei/schemas";
import type { NotificationKind } from "../notification/notification-kind.ts";
import type { ChannelsConfig, RouteSettings } from "./channels-config.ts";

/**
 * Names of the channels an entry goes to: those of every route that fits, once each, in the order of the routes. A
 * route without `when` fits always; of the values of one key one is enough, and every key must fit.
 */
export function channelsFor(config: ChannelsConfig, incident: IncidentSnapshot, kind: NotificationKind): string[] {
  return [...new Set(config.routes.filter((route) => routeFits(route, incident, kind)).flatMap((route) => route.channels))];
}

function routeFits({ when }: RouteSettings, incident: IncidentSnapshot, kind: NotificationKind): boolean {
  if (when === undefined) return true;
  const among = (wanted: readonly string[] | undefined, found: readonly string[]) => wanted === undefined || wanted.some((value) => found.includes(value));
  return (
    among(when.priority, [incident.priority]) &&
    among(when.kind, [kind]) &&
    among(when.site, incident.sites) &&
    among(when.department, incident.departments) &&
    among(when.service, incident.services)
  );
}

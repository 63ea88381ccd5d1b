import { parseEntityKey, type RcaReport } from "@yunwei/schemas";
import { EN } from "../messages/en.ts";
import type { ItsmMessages } from "../messages/messages.ts";
import { ZH } from "../messages/zh.ts";
import type { Text } from "./incident.ts";

const MAX_NAME_CHARACTERS = 80;

/** The headline of an incident: the named cause, or the loudest symptom and the plain statement that the cause is not known. */
export function titleOf(report: RcaReport): Text {
  return { zh: titleIn(ZH, report), en: titleIn(EN, report) };
}

function titleIn(messages: ItsmMessages, report: RcaReport): string {
  const cause = report.verdict === "cause" ? report.causes[0] : undefined;
  if (cause !== undefined) {
    // A dependency at fault is named by its two ends, whatever its vertex is called.
    const what = cause.edge === undefined ? entityName(messages, cause.entity) : edgeName(messages, cause.edge);
    return messages.causeTitle(place(messages, cause.site, what), messages.modes[cause.mode]);
  }
  const symptoms = report.graph.nodes.filter((node) => node.role === "symptom").sort((a, b) => b.score - a.score);
  const loudest = symptoms[0];
  const service = report.impact.services[0];
  const site = loudest?.site ?? report.impact.sites[0] ?? "";
  const what = loudest !== undefined ? entityName(messages, loudest.entity) : service !== undefined ? `${messages.entityTypes.service} ${short(service)}` : "";
  const where = place(messages, site, what) || messages.somewhere;
  if (report.verdict === "external_load") return messages.externalLoadTitle(where);
  return messages.undeterminedTitle(where, Math.max(symptoms.length - 1, 0));
}

function place(messages: ItsmMessages, site: string, what: string): string {
  return [messages.site(site), what].filter((part) => part !== "").join(" ");
}

function entityName(messages: ItsmMessages, key: string): string {
  const entity = parseEntityKey(key);
  if (entity === undefined) return short(key);
  // A site is named by the place in front already.
  return entity.type === "site" ? messages.entityTypes.site : `${messages.entityTypes[entity.type]} ${short(entity.id)}`;
}

function edgeName(messages: ItsmMessages, edge: { readonly from: string; readonly to: string }): string {
  return `${messages.entityTypes.edge} ${short(idOf(edge.from))}→${short(idOf(edge.to))}`;
}

function idOf(key: string): string {
  return parseEntityKey(key)?.id ?? key;
}

function short(name: string): string {
  const characters = [...name];
  return characters.length <= MAX_NAME_CHARACTERS ? name : `${characters.slice(0, MAX_NAME_CHARACTERS - 1).join("")}…`;
}

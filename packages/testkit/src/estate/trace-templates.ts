import { ATTR } from "@yunwei/schemas";
import { type Attributes, SPAN_KIND_CLIENT, SPAN_KIND_SERVER, type SpanTemplate, spanTemplate } from "../otlp-writer/index.ts";
import type { Estate, EstateService } from "./estate.ts";

/** How a call ended, as the caller saw it. */
export const OUTCOME = { ok: 0, failed: 1, refused: 2, timeout: 3, tls: 4, storage: 5 } as const;
export type Outcome = (typeof OUTCOME)[keyof typeof OUTCOME];

const ERROR_TEXT: readonly string[] = [
  "",
  "upstream answered 500",
  "connect: connection refused",
  "context deadline exceeded",
  "tls: failed to verify certificate: certificate has expired",
  "could not write: no space left on device",
];
const ERROR_TYPE: readonly string[] = ["", "500", "connection_refused", "timeout", "tls_error", "53100"];

/** Text of a failed outcome, as it stands in span status and log lines. */
export function outcomeText(outcome: Outcome): string {
  return ERROR_TEXT[outcome]!;
}

/** The constant parts of all spans of the estate. */
export interface TraceTemplates {
  /** By service: server span that went well, and one that failed. */
  readonly served: readonly SpanTemplate[];
  readonly servedBadly: readonly SpanTemplate[];
  /** By caller, call of its list, outcome. */
  readonly called: readonly (readonly (readonly SpanTemplate[])[])[];
}

export function buildTraceTemplates(estate: Estate): TraceTemplates {
  return {
    served: estate.services.map((service) => serverTemplate(service, 200)),
    servedBadly: estate.services.map((service) => serverTemplate(service, 500)),
    called: estate.services.map((service) => service.calls.map((call) => clientTemplates(estate.services[call.callee]!))),
  };
}

function serverTemplate(service: EstateService, status: number): SpanTemplate {
  const [method = "GET", route = "/"] = service.route.split(" ");
  const attributes: Attributes = { "http.request.method": method, "http.route": route, "http.response.status_code": status };
  if (status < 500) return spanTemplate(service.route, SPAN_KIND_SERVER, attributes);
  return spanTemplate(service.route, SPAN_KIND_SERVER, { ...attributes, "error.type": String(status) }, "");
}

function clientTemplates(callee: EstateService): SpanTemplate[] {
  return Object.values(OUTCOME).map((outcome) => {
    const error = outcome === OUTCOME.ok ? {} : { "error.type": ERROR_TYPE[outcome]! };
    const message = outcome === OUTCOME.ok ? undefined : ERROR_TEXT[outcome];
    if (callee.dbSystem === undefined) {
      const [method = "GET"] = callee.route.split(" ");
      return spanTemplate(method, SPAN_KIND_CLIENT, { "http.request.method": method, [ATTR.serverAddress]: callee.id, ...error }, message);
    }
    const namespace = callee.id.replace("-", "_");
    const attributes = { [ATTR.dbSystem]: callee.dbSystem, "db.namespace": namespace, [ATTR.peerService]: callee.id, ...error };
    return spanTemplate(`SELECT ${namespace}`, SPAN_KIND_CLIENT, attributes, message);
  });
}

import { drawHex, drawInt } from "./draw.ts";
import { MetricSource } from "./metric-source.ts";

const VERSION = "0.64.0";
const DAY_MS = 86_400_000;
const ROUTES = [
  { method: "GET", route: "/api/v1/orders/{id}" },
  { method: "POST", route: "/api/v1/orders" },
  { method: "GET", route: "/api/v1/users/{id}" },
  { method: "GET", route: "/api/v1/catalog/search" },
  { method: "PUT", route: "/api/v1/carts/{id}" },
  { method: "POST", route: "/api/v1/payments" },
];
const STATUSES = [200, 500];

/** One instance of a service as an SDK reports it: a histogram of 14 bounds by route, method and status, 12 points. */
export function appSource(service: string, pod: string, node: string, random: () => number, nowMs: number): MetricSource {
  const resource = {
    "service.name": service,
    "service.namespace": "shop",
    "service.version": `3.${drawInt(random, 9)}.1`,
    "service.instance.id": `${service}-${drawHex(random, 12)}`,
    "host.name": node,
    "k8s.pod.name": pod,
    "telemetry.sdk.language": "java",
    "telemetry.sdk.name": "opentelemetry",
    "telemetry.sdk.version": "1.55.0",
    "deployment.environment.name": "production",
  };
  const points = ROUTES.flatMap(({ method, route }) =>
    STATUSES.map((status) => {
      const labels = {
        "http.request.method": method,
        "http.response.status_code": status,
        "http.route": route,
        "network.protocol.version": "1.1",
        "url.scheme": "http",
      };
      return [labels, { perStep: status === 200 ? 2 + drawInt(random, 12) : 0.3, typicalS: 0.004 + 0.15 * random() }] as const;
    }),
  );
  return new MetricSource(resource, nowMs - Math.floor(DAY_MS * random()))
    .scope("io.opentelemetry.tomcat-10.0", VERSION)
    .durations("http.server.request.duration", points);
}

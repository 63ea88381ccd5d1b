import { attributesOf } from "../otlp-objects/otlp-objects.ts";
import { drawHex, drawInt } from "./draw.ts";

/** A service of the shop that traces and logs come from. */
export interface ShopService {
  readonly name: string;
  readonly language: "java" | "go" | "nodejs" | "python";
  /** Indexes of services that it calls. */
  readonly calls: readonly number[];
  /** Its database, or undefined. */
  readonly database: "postgresql" | "redis" | "mysql" | undefined;
  readonly protocol: "http" | "grpc";
  readonly routes: readonly { readonly method: string; readonly route: string }[];
}

const route = (method: string, path: string) => ({ method, route: `/api/v1${path}` });

/** Index 0 is where requests come in. */
export const SHOP: readonly ShopService[] = [
  {
    name: "frontend",
    language: "nodejs",
    calls: [1, 2, 3, 4, 9],
    database: undefined,
    protocol: "http",
    routes: [route("GET", "/"), route("GET", "/product/{id}"), route("POST", "/checkout"), route("GET", "/cart")],
  },
  {
    name: "orders",
    language: "java",
    calls: [5, 6, 7],
    database: "postgresql",
    protocol: "http",
    routes: [route("GET", "/orders/{id}"), route("POST", "/orders"), route("GET", "/orders")],
  },
  { name: "users", language: "go", calls: [9], database: "mysql", protocol: "grpc", routes: [route("GET", "/users/{id}"), route("PUT", "/users/{id}")] },
  {
    name: "catalog",
    language: "go",
    calls: [8],
    database: "postgresql",
    protocol: "grpc",
    routes: [route("GET", "/products"), route("GET", "/products/{id}")],
  },
  {
    name: "carts",
    language: "java",
    calls: [3],
    database: "redis",
    protocol: "http",
    routes: [route("GET", "/carts/{id}"), route("PUT", "/carts/{id}"), route("DELETE", "/carts/{id}")],
  },
  {
    name: "payments",
    language: "java",
    calls: [10],
    database: "postgresql",
    protocol: "grpc",
    routes: [route("POST", "/payments"), route("GET", "/payments/{id}")],
  },
  { name: "shipping", language: "go", calls: [11], database: undefined, protocol: "grpc", routes: [route("POST", "/quotes"), route("POST", "/shipments")] },
  { name: "mail", language: "python", calls: [], database: undefined, protocol: "http", routes: [route("POST", "/mails")] },
  { name: "search", language: "python", calls: [], database: "redis", protocol: "http", routes: [route("GET", "/search")] },
  { name: "auth", language: "go", calls: [], database: "redis", protocol: "grpc", routes: [route("POST", "/token"), route("GET", "/token/{id}")] },
  { name: "fraud", language: "python", calls: [], database: undefined, protocol: "grpc", routes: [route("POST", "/score")] },
  { name: "currency", language: "nodejs", calls: [], database: undefined, protocol: "grpc", routes: [route("GET", "/rates")] },
];

const REPLICAS = 3;

/** A running instance: its service and its resource (12 attributes). */
export interface ShopInstance {
  readonly service: ShopService;
  readonly resource: object;
}

/** Three instances of every service; those of SHOP[i] are at 3 i and after. */
export function shopInstances(random: () => number): ShopInstance[] {
  return SHOP.flatMap((service) =>
    Array.from({ length: REPLICAS }, (_, replica) => ({
      service,
      resource: {
        attributes: attributesOf({
          "service.name": service.name,
          "service.namespace": "shop",
          "service.version": `3.${drawInt(random, 9)}.1`,
          "service.instance.id": `${service.name}-${replica}-${drawHex(random, 8)}`,
          "host.name": `node-${drawInt(random, 60)}`,
          "os.type": "linux",
          "k8s.namespace.name": "shop",
          "k8s.pod.name": `${service.name}-${drawHex(random, 10)}-${drawHex(random, 5)}`,
          "k8s.node.name": `node-${drawInt(random, 60)}`,
          "telemetry.sdk.language": service.language,
          "telemetry.sdk.name": "opentelemetry",
          "telemetry.sdk.version": "1.55.0",
        }),
      },
    })),
  );
}

/** Index of an instance of SHOP[service]. */
export function drawInstance(random: () => number, service: number): number {
  return REPLICAS * service + drawInt(random, REPLICAS);
}

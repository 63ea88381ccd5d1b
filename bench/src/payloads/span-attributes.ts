import { type Attribute, attributesOf } from "../otlp-objects/otlp-objects.ts";
import { drawFrom, drawHex, drawInt } from "./draw.ts";
import type { ShopService } from "./shop-services.ts";

const AGENTS = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
  "okhttp/4.12.0",
];
const STATEMENTS: readonly (readonly [operation: string, table: string, text: string])[] = [
  ["SELECT", "orders", "SELECT id, user_id, state, total FROM orders WHERE id = $1"],
  ["INSERT", "orders", "INSERT INTO orders (user_id, state, total) VALUES ($1, $2, $3) RETURNING id"],
  ["SELECT", "products", "SELECT id, name, price FROM products WHERE category = $1 ORDER BY rank LIMIT 20"],
  ["UPDATE", "stock", "UPDATE stock SET left_over = left_over - $1 WHERE product_id = $2"],
];
const COMMANDS = ["GET", "HGETALL", "SET", "EXPIRE"];
const EXCEPTIONS: readonly (readonly [type: string, message: string])[] = [
  ["java.net.SocketTimeoutException", "Read timed out"],
  ["java.sql.SQLTransientConnectionException", "HikariPool-1 - Connection is not available, request timed out after 30000ms."],
  ["java.lang.IllegalStateException", "order is already paid"],
];

/** A span's own: name and attributes (8 to 10), as the semantic conventions have them. */
export interface SpanFace {
  readonly name: string;
  readonly attributes: object[];
}

const face = (name: string, attributes: Readonly<Record<string, Attribute>>): SpanFace => ({ name, attributes: attributesOf(attributes) });
const address = (random: () => number): string => `10.0.${drawInt(random, 8)}.${drawInt(random, 250)}`;

/** What a service that is called says, and what its caller says of the same call. */
export function callFaces(service: ShopService, random: () => number, failed: boolean): { server: SpanFace; client: SpanFace } {
  const { method, route } = drawFrom(random, service.routes);
  if (service.protocol === "grpc") return rpcFaces(service, `${method === "GET" ? "Get" : "Put"}${service.name}`, random, failed);
  const path = route.replace("{id}", String(drawInt(random, 1e6)));
  const status = failed ? 500 : method === "POST" ? 201 : 200;
  return {
    server: face(`${method} ${route}`, {
      "http.request.method": method,
      "url.scheme": "http",
      "url.path": path,
      "http.route": route,
      "http.response.status_code": status,
      "server.address": `${service.name}.shop.svc.cluster.local`,
      "server.port": 8080,
      "network.protocol.version": "1.1",
      "user_agent.original": drawFrom(random, AGENTS),
      "client.address": address(random),
    }),
    client: face(method, {
      "http.request.method": method,
      "url.full": `http://${service.name}.shop.svc.cluster.local:8080${path}`,
      "http.response.status_code": status,
      "server.address": `${service.name}.shop.svc.cluster.local`,
      "server.port": 8080,
      "network.peer.address": address(random),
      "network.peer.port": 8080,
      "network.protocol.version": "1.1",
    }),
  };
}

function rpcFaces(service: ShopService, method: string, random: () => number, failed: boolean): { server: SpanFace; client: SpanFace } {
  const name = `shop.${service.name}.v1.${service.name}/${method}`;
  const own = {
    "rpc.system": "grpc",
    "rpc.service": `shop.${service.name}.v1.${service.name}`,
    "rpc.method": method,
    "rpc.grpc.status_code": failed ? 14 : 0,
    "server.address": `${service.name}.shop.svc.cluster.local`,
    "server.port": 9090,
    "network.type": "ipv4",
    "network.transport": "tcp",
  };
  const port = 32_768 + drawInt(random, 28_000);
  return {
    server: face(name, { ...own, "network.peer.address": address(random), "network.peer.port": port }),
    client: face(name, { ...own, "network.peer.address": address(random) }),
  };
}

/** A call of a database. */
export function databaseFace(service: ShopService, random: () => number): SpanFace {
  const { database = "postgresql" } = service;
  const server = { "server.address": `${database}-${service.name}.shop.svc.cluster.local`, "server.port": database === "redis" ? 6379 : 5432 };
  const peer = { "network.peer.address": address(random), "network.transport": "tcp" };
  if (database === "redis") {
    const command = drawFrom(random, COMMANDS);
    const key = `${service.name}:${drawInt(random, 50_000)}`;
    return face(command, {
      "db.system.name": database,
      "db.namespace": "0",
      "db.operation.name": command,
      "db.query.text": `${command} ${key}`,
      ...server,
      ...peer,
    });
  }
  const [operation, table, text] = drawFrom(random, STATEMENTS);
  return face(`${operation} ${table}`, {
    "db.system.name": database,
    "db.namespace": service.name,
    "db.operation.name": operation,
    "db.collection.name": table,
    "db.query.text": text,
    ...server,
    ...peer,
  });
}

/** Events of a span: an exception where it failed, else a message of a stream. */
export function spanEvent(random: () => number, failed: boolean): { name: string; attributes: object[] } {
  if (!failed) {
    const sizes = { "rpc.message.id": 1 + drawInt(random, 4), "rpc.message.uncompressed_size": 40 + drawInt(random, 900) };
    return { name: "rpc.message", attributes: attributesOf({ "rpc.message.type": drawFrom(random, ["SENT", "RECEIVED"]), ...sizes }) };
  }
  const [type, message] = drawFrom(random, EXCEPTIONS);
  const frames = Array.from({ length: 12 }, (_, depth) => `\tat com.shop.layer${depth}.Handler.handle(Handler.java:${40 + 7 * depth})`).join("\n");
  const stack = `${type}: ${message}\n${frames}\n\tat lambda$${drawHex(random, 6)}`;
  return { name: "exception", attributes: attributesOf({ "exception.type": type, "exception.message": message, "exception.stacktrace": stack }) };
}

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { EngineLanes } from "./engine-lanes.ts";
import { readHttpStatement } from "./http-statement.ts";

/** Main module of the child that startClickHouse spawns: node serve-clickhouse.ts FOLDER PORT. Ends well on SIGTERM. */
const [folder = "", port = "0"] = process.argv.slice(2);
const engine = await EngineLanes.open(folder);
const server = createServer({ keepAliveTimeout: 10_000 }, (request, response) => void answer(request, response));
server.listen(Number(port), "127.0.0.1");
await once(server, "listening");
process.once("SIGTERM", () => void stop());

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://localhost");
  if (url.pathname === "/ping") {
    response.writeHead(200).end("Ok.\n");
    return;
  }
  try {
    const body = await bodyOf(request);
    const statement = readHttpStatement(url.searchParams, url.searchParams.has("query") ? "" : body.toString("utf8"));
    let text = "";
    if (statement.kind === "insert") await engine.insert(statement, body);
    else text = await engine.statement(statement);
    response.writeHead(200, { "content-type": "text/plain; charset=UTF-8" }).end(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = /Code: (\d+)/.exec(message)?.[1] ?? "1002";
    const whole = message.startsWith("Code: ") ? message : `Code: ${code}. DB::Exception: ${message} (UNKNOWN_EXCEPTION)`;
    response.writeHead(code === "60" || code === "81" ? 404 : 500, { "x-clickhouse-exception-code": code }).end(`${whole}\n`);
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function stop(): Promise<void> {
  server.close();
  server.closeIdleConnections();
  await engine.close();
  process.exit(0);
}

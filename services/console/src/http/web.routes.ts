import { randomBytes } from "node:crypto";
import { YunweiError } from "@yunwei/service-kit";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { contentPolicy } from "./security-headers.ts";
import type { WebFile } from "./web-files.ts";

const INDEX = "/index.html";
/** Stands in the page where the nonce of its styles goes. */
const NONCE_MARK = "__YUNWEI_NONCE__";
const NOT_BUILT = "The console has not been built. Stop Yunwei and start it with: npm start\n";

/** The console's page and files, for everyone: they hold no data. Paths of the API that do not exist stay 404. */
export function webRoutes(files: ReadonlyMap<string, WebFile>): FastifyPluginAsync {
  return async (app) => {
    app.get("/*", { config: { permission: "public" }, schema: { hide: true } }, async (request, reply) => {
      const path = request.url.split("?", 1)[0]!;
      if (/^\/(api|v1|health)(\/|$)/.test(path)) throw new YunweiError("YUNWEI_NOT_FOUND", `There is no ${path.slice(0, 200)}.`);
      const file = path === INDEX ? undefined : files.get(path);
      if (file !== undefined) return sendFile(request, reply, file);
      if (path.startsWith("/assets/")) throw new YunweiError("YUNWEI_NOT_FOUND", "There is no such file: the console was updated; load the page again.");
      return sendPage(reply, files.get(INDEX));
    });
  };
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: WebFile): FastifyReply {
  const gzipped = /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? "")) && file.gzipped.length < file.plain.length;
  void reply.header("cache-control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  void reply.header("vary", "accept-encoding");
  if (gzipped) void reply.header("content-encoding", "gzip");
  return reply.type(file.type).send(gzipped ? file.gzipped : file.plain);
}

/** Every path of the console is the one page: its own router reads the path. */
function sendPage(reply: FastifyReply, index: WebFile | undefined): FastifyReply {
  if (index === undefined) return reply.code(503).type("text/plain; charset=utf-8").send(NOT_BUILT);
  const nonce = randomBytes(16).toString("base64");
  void reply.header("content-security-policy", contentPolicy(nonce));
  void reply.header("cache-control", "no-store");
  return reply.type(index.type).send(index.plain.toString("utf8").replaceAll(NONCE_MARK, nonce));
}

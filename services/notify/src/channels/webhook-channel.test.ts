import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { INCIDENT } from "../text/incident-message.fixture.ts";
import type { Delivery } from "./channel.ts";
import { signatureOf, webhookChannel } from "./webhook-channel.ts";

const SECRET = "a-secret-of-twenty-four!";
const DELIVERY: Delivery = { notificationId: "n1", kind: "created", text: { zh: "故障", en: "incident" }, incident: INCIDENT, nowMs: 1_781_762_645_999 };

let server: Server;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let seen: { headers: IncomingMessage["headers"]; body: string }[] = [];
let url: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => {
      seen.push({ headers: request.headers, body });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?token=very-private`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
const channel = (changes = {}) => webhookChannel({ name: "duty", url, secret: SECRET, timeoutMs: 2000, ...changes });

describe("webhookChannel", () => {
  it("posts the incident and both texts, signed, with a key against repeats", async () => {
    seen = [];
    answer = (_, response) => response.writeHead(204).end();
    await channel().send(DELIVERY);
    expect(seen).toHaveLength(1);
    const { headers, body } = seen[0]!;
    expect(JSON.parse(body)).toMatchObject({
      version: "1",
      notificationId: "n1",
      kind: "created",
      text: { zh: "故障", en: "incident" },
      incident: { number: "INC-000123" },
    });
    expect(headers).toMatchObject({ "idempotency-key": "n1", "yunwei-timestamp": "1781762645", "content-type": "application/json; charset=utf-8" });
    const expected = createHmac("sha256", SECRET).update("1781762645.").update(body).digest("hex");
    expect(headers["yunwei-signature"]).toBe(`sha256=${expected}`);
  });

  it("has a signature that others can compute: the value is of openssl dgst -hmac", () => {
    expect(signatureOf("key", "1", "{}")).toBe("sha256=1ba6b8171186efc613e8bcc0cbdab2748f24984d7c5a84faa2637afa0e40d224");
  });

  it.each([
    { case: "an error of the server", respond: (response: ServerResponse) => response.writeHead(500).end("boom"), reason: "status 500" },
    { case: "a refusal", respond: (response: ServerResponse) => response.writeHead(403).end(), reason: "status 403" },
    { case: "a redirect", respond: (response: ServerResponse) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(), reason: "status 302" },
    { case: "a cut connection", respond: (response: ServerResponse) => response.destroy(), reason: "did not answer" },
  ])("fails on $case, without the address in the message", async ({ respond, reason }) => {
    answer = (_, response) => void respond(response);
    const failure = expect(channel().send(DELIVERY)).rejects;
    await failure.toMatchObject({ code: "YUNWEI_CHANNEL_FAILED", message: expect.stringContaining(reason) });
    await failure.not.toMatchObject({ message: expect.stringContaining("very-private") });
  });

  it("gives up waiting, and is not held by an answer without end", async () => {
    answer = () => undefined;
    await expect(channel({ timeoutMs: 150 }).send(DELIVERY)).rejects.toMatchObject({ message: "duty did not answer: no answer within 150 ms." });
    answer = (_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write("x".repeat(1000)), 5);
      response.on("close", () => clearInterval(timer));
    };
    await channel().send(DELIVERY);
  });

  it("fails when nobody listens", async () => {
    await expect(channel({ url: "http://127.0.0.1:1/" }).send(DELIVERY)).rejects.toMatchObject({ code: "YUNWEI_CHANNEL_FAILED" });
  });
});

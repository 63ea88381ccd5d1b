import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { countOf, nowNano, proto, resource } from "../otlp-request.test-data.ts";
import { type RunningIngest, runIngest, SECRET } from "../running-ingest.test-data.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));

let running: RunningIngest;
let folder: string;
let front: Server;
/** Of the front: what it has passed on; and how it treats what comes. */
let passed = 0;
let treat: "pass" | "slow" | "busy" | "hold" = "pass";

beforeAll(async () => {
  running = await runIngest();
  folder = await mkdtemp(join(tmpdir(), "yunwei import "));
  await writeFile(join(folder, "token"), SECRET);
  // A gateway that can be slow or busy: in front of the real one.
  front = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      if (treat === "busy") {
        response.writeHead(503, { "retry-after": "0" }).end();
        return;
      }
      if (treat === "slow") await new Promise((resolve) => setTimeout(resolve, 10));
      const answer = await fetch(`http://127.0.0.1:${running.httpPort}${request.url}`, {
        method: "POST",
        headers: { authorization: request.headers.authorization!, "content-type": request.headers["content-type"]! },
        body: Buffer.concat(chunks),
      });
      passed++;
      // Taken, but the answer never comes: the worst moment to be killed.
      if (treat === "hold") return;
      response.writeHead(answer.status, { "content-type": answer.headers.get("content-type")! }).end(Buffer.from(await answer.arrayBuffer()));
    });
  }).listen(0, "127.0.0.1");
  await once(front, "listening");
});
afterAll(async () => {
  front.closeAllConnections();
  front.close();
  await running.close();
  await rm(folder, { recursive: true, force: true });
});

function start(...argv: string[]): { child: ChildProcess; told: () => string } {
  const endpoint = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  const child = spawn(process.execPath, [MAIN, "--endpoint", endpoint, "--token-file", join(folder, "token"), ...argv], { stdio: ["ignore", "pipe", "pipe"] });
  let told = "";
  child.stdout!.on("data", (chunk: Buffer) => (told += chunk.toString()));
  child.stderr!.on("data", (chunk: Buffer) => (told += chunk.toString()));
  return { child, told: () => told };
}

async function run(...argv: string[]): Promise<{ code: number | null; told: string }> {
  const { child, told } = start(...argv);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, told: told() };
}

const log = (body: string) => ({
  resourceLogs: [{ resource, scopeLogs: [{ logRecords: [{ timeUnixNano: nowNano(), severityNumber: 9, body: { stringValue: body } }] }] }],
});
const stored = (where: string) => countOf(running, "logs", where);

it.each(["SIGKILL", "SIGINT"] as const)("loses nothing to %s, and repeats at most the request in flight", async (signal) => {
  const file = join(folder, `${signal}.json`);
  const lines = Array.from({ length: 300 }, (_, i) => JSON.stringify(log(`${signal}-${i}`)));
  await writeFile(file, `${lines.join("\n")}\n`);
  treat = "slow";
  const before = passed;
  let kills = 0;
  for (const most of [60, 130, 200]) {
    const { child } = start(file);
    await expect.poll(() => passed - before, { timeout: 30_000, interval: 5 }).toBeGreaterThan(most);
    if (signal === "SIGKILL" && most === 130) {
      treat = "hold";
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    child.kill(signal);
    kills++;
    await once(child, "close");
    treat = "slow";
  }
  treat = "pass";
  expect(await run(file)).toMatchObject({ code: 0 });
  await running.stored();
  const [{ different }] = (await running.store.query<{ different: string }>(`SELECT uniqExact(body) AS different FROM logs WHERE body LIKE '${signal}-%'`)) as [
    { different: string },
  ];
  expect(Number(different)).toBe(300);
  const all = await stored(`body LIKE '${signal}-%'`);
  expect(all).toBeLessThanOrEqual(300 + (signal === "SIGINT" ? 0 : kills));
  if (signal === "SIGKILL") expect(all).toBeGreaterThan(300);
  // A file that is through sends nothing more, and what is added to it alone.
  expect((await run(file)).told).toContain("nothing new");
  await appendFile(file, `${JSON.stringify(log(`${signal}-300`))}\n`);
  await run(file);
  await running.stored();
  expect(await stored(`body LIKE '${signal}-%'`)).toBe(all + 1);
});

it("takes each kind of file, also compressed, with a space in its path", async () => {
  const frame = (content: Uint8Array): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(content.length);
    return Buffer.concat([length, content]);
  };
  const clock = new Date(Date.now() + 8 * 3_600_000).toUTCString().split(" ");
  await writeFile(join(folder, "a.json.gz"), gzipSync(`${JSON.stringify(log("kind-json"))}\n`));
  await writeFile(join(folder, "my logs.pb"), frame(proto("logs", log("kind-proto"))));
  await writeFile(join(folder, "messages"), `${clock[2]} ${String(Number(clock[1])).padStart(2)} ${clock[4]} h9 app[1]: kind-syslog\n`);
  const { code, told } = await run(...["a.json.gz", "my logs.pb", "messages"].map((name) => join(folder, name)));
  expect(told).toContain("my logs.pb: 100 %");
  expect(code).toBe(0);
  await running.stored();
  expect(await stored("body LIKE 'kind-%'")).toBe(3);
});

it("tells what is wrong with file, line and byte, leaves it out, and goes on", async () => {
  const file = join(folder, "bad.json");
  const first = JSON.stringify(log("bad-0"));
  const old = JSON.stringify(log("bad-old")).replace(/"timeUnixNano":"\d+"/, '"timeUnixNano":"1000000000000000000"');
  await writeFile(file, [first, "nonsense", '{"resourceLogs":[{"scopeLogs":7}]}', old, JSON.stringify(log("bad-1")), ""].join("\n"));
  const { code, told } = await run(file);
  expect(code).toBe(2);
  expect(told).toContain(`${file}: line 2 (byte ${first.length + 1}): not an OTLP/JSON Export request`);
  expect(told).toContain(`${file}: line 3 (byte ${first.length + 10}): HTTP 400`);
  expect(told).toMatch(/line 4 .*1 item\(s\) left out: .*older than 13 days/);
  await running.stored();
  expect(await stored("body LIKE 'bad-%'")).toBe(2);
});

it("waits for a gateway that is busy, and says so when it is not let in or has no file", async () => {
  const file = join(folder, "busy.json");
  await writeFile(file, `${JSON.stringify(log("busy"))}\n`);
  treat = "busy";
  const { child } = start(file);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  treat = "pass";
  const [code] = (await once(child, "close")) as [number];
  expect(code).toBe(0);
  await writeFile(join(folder, "wrong"), "a-wrong-token-of-some-length");
  expect(await run("--again", "--token-file", join(folder, "wrong"), file)).toMatchObject({ code: 1, told: expect.stringContaining("HTTP 401") as unknown });
  expect(await run(join(folder, "nowhere.json"))).toMatchObject({ code: 1, told: expect.stringContaining("nowhere.json") as unknown });
  await running.stored();
  expect(await stored("body = 'busy'")).toBe(1);
});

it("will not go on with another content", async () => {
  const file = join(folder, "changed.json");
  await writeFile(file, `${JSON.stringify(log("changed-0"))}\n`);
  await run(file);
  await writeFile(file, `${JSON.stringify(log("changed-1"))}\n`);
  expect(await run(file)).toMatchObject({ code: 1, told: expect.stringContaining("another content") as unknown });
  expect((await run("--again", file)).code).toBe(0);
  expect(await readFile(join(folder, ".changed.json.yunwei-import"), "utf8")).toContain('"number":2');
});

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { otlpJsonToProtobuf } from "@yunwei/otlp";
import { ApiClient, type SpawnedStandalone, spawnStandalone } from "@yunwei/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";

const DLQ = resolve(import.meta.dirname, "../../ingest/src/dlq/main.ts");
const MAIN = resolve(import.meta.dirname, "main.ts");
let folder: string;
let standalone: SpawnedStandalone;
let passwordFile: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "yunwei dead letters "));
  expect((await run(MAIN, ["token", "add", "city", "--data", folder, "--site", "suzhou", "--max-items-per-s", "1", "--burst-s", "5"])).code).toBe(0);
  const wrong = await run(MAIN, ["token", "add", "other", "--data", folder, "--max-items-per-s", "many"]);
  expect([wrong.code, wrong.output]).toEqual([1, expect.stringContaining("quotas are above 0")]);
  await leaveLetter();
  standalone = await spawnStandalone({ dataFolder: folder });
  passwordFile = join(folder, "password");
  await writeFile(passwordFile, `${standalone.password}\n`, { mode: 0o600 });
});
afterAll(async () => {
  await standalone.stop(); // its PostgreSQL too, which a kill would leave writing in the folder for a moment
  await rm(folder, { recursive: true, force: true });
});

const gauge = (name: string) => {
  const point = (i: number) => ({ timeUnixNano: `${Date.now()}000000`, asDouble: i, attributes: [{ key: "id", value: { stringValue: `${i}` } }] });
  const request = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name, gauge: { dataPoints: [0, 1, 2, 3].map(point) } }] }] }] };
  return Buffer.from(otlpJsonToProtobuf("metrics", Buffer.from(JSON.stringify(request))));
};

/** A dead letter of an earlier run, whose fault has been mended since. */
async function leaveLetter(): Promise<void> {
  const value = gauge("e2e.dead");
  const at = { topic: "otlp_metrics", partition: 0, offset: 7, key: "k", buriedMs: Date.now() - 60_000, replays: [], bytes: value.length };
  const head = { ...at, headers: { "yunwei.source": "city", "yunwei.items": "4" }, failures: [{ stage: "decode", error: "a fault \u001b[31mof ours" }] };
  await mkdir(join(folder, "dead-letters", "otlp_metrics"), { recursive: true });
  await writeFile(join(folder, "dead-letters", "otlp_metrics", "0-7.letter"), Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), value]));
}

function run(script: string, args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((done) =>
    execFile(process.execPath, [script, ...args], (error, stdout, stderr) => done({ code: error === null ? 0 : Number(error.code), output: stdout + stderr })),
  );
}
const dlq = (...args: string[]) => run(DLQ, [...args, "--data", folder, "--password-file", passwordFile]);

it("a command lists, shows and replays what the Yunwei that runs has, once", async () => {
  expect(await dlq("list")).toEqual({
    code: 0,
    output: expect.stringMatching(/^otlp_metrics:0:7 {2}\S+ {2}from city {2}\d+ B {2}decode: a fault ·\[31mof ours\n$/),
  });
  expect((await dlq("list", "--topic", "otlp_logs")).output).toBe("no dead letters\n");
  const { output } = await dlq("show", "--id", "0:7");
  expect(output).toContain("it can be decoded today");
  expect(output).toContain('resourceMetrics[0].scopeMetrics[0].metrics[0].name = "e2e.dead"');
  expect(await dlq("replay", "--yes")).toEqual({ code: 0, output: "otlp_metrics:0:7  sent to its topic again\n" });
  const api = await ApiClient.signIn(standalone);
  const stored = async () => (await api.get<{ series: unknown[] }>("/series?metric=e2e.dead")).series.length;
  await expect.poll(stored, { timeout: 30_000 }).toBe(4);
  expect(await dlq("replay", "--yes")).toEqual({ code: 0, output: "nothing to replay\n" });
  expect(await dlq("replay", "--id", "0:7", "--yes")).toEqual({ code: 2, output: expect.stringContaining("admin has replayed it at") });
});

it("a command says plainly what is wrong", async () => {
  expect(await dlq("show", "--id", "0:8")).toEqual({ code: 1, output: expect.stringContaining("YUNWEI_NOT_FOUND: there is no dead letter otlp_metrics:0:8") });
  expect(await dlq("replay", "--id", "0:7")).toEqual({ code: 1, output: expect.stringContaining("say --yes") });
  expect(await run(DLQ, ["list", "--data", join(folder, "nowhere")])).toEqual({ code: 1, output: expect.stringContaining("no Yunwei runs on") });
  expect(await dlq("list", "--user", "nobody")).toEqual({ code: 1, output: expect.stringContaining("YUNWEI_UNAUTHENTICATED") });
  expect((await run(DLQ, ["--help"])).output).toContain("npm run dlq -- replay");
});

it("the books, clocks and series of what was sent are in the API, and the books are in order", async () => {
  const api = await ApiClient.signIn(standalone);
  const headers = { authorization: `Bearer ${standalone.ingestToken}`, "content-type": "application/x-protobuf" };
  expect((await fetch(`${standalone.otlp}/v1/metrics`, { method: "POST", headers, body: gauge("e2e.points") })).status).toBe(200);
  const books = () => api.get<{ verdict: string; accounts: { source: string; received: number; stored: number }[] }>("/ingest/accounting");
  const local = async () => (await books()).accounts.filter(({ source }) => source === "local");
  await expect.poll(local, { timeout: 30_000 }).toMatchObject([{ signal: "metrics", received: 4, stored: 4 }]);
  expect((await books()).verdict).toBe("accounted");
  expect(await api.get("/ingest/senders")).toMatchObject({ clocks: [{ source: "local", signal: "metrics" }], quotas: [{ source: "city", itemsPerSecond: 1 }] });
  expect(await api.get("/ingest/cardinality?metric=e2e.points")).toMatchObject({
    metrics: [{ series: 4, seriesBefore: 0 }, {}],
    labels: { series: 4, labels: [{ label: "id", values: 4, share: 0.75 }, {}] },
  });
});

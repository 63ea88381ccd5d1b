import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { ApiClient, type SpawnedStandalone, spawnStandalone } from "@yunwei/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let folder: string;
let standalone: SpawnedStandalone;
const SELF = { YUNWEI_SELF_TELEMETRY: "true", YUNWEI_HOST_METRICS: "true", YUNWEI_TELEMETRY_INTERVAL_MS: "2000" };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "yunwei first run "));
  standalone = await spawnStandalone({ dataFolder: folder, variables: SELF });
});
afterAll(async () => {
  await standalone.stop(); // its PostgreSQL too, which a kill would leave writing in the folder for a moment
  await rm(folder, { recursive: true, force: true });
});

interface SeriesPage {
  readonly series: readonly { readonly metric: string; readonly entity: string }[];
}

describe("the first start", () => {
  it("leaves its addresses and its ingest token, for its owner only", async () => {
    const running = JSON.parse(await readFile(join(folder, "running.json"), "utf8")) as Record<string, unknown>;
    expect(running).toMatchObject({
      pid: standalone.pid,
      console: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      otlp: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    });
    expect((await stat(join(folder, "ingest-token"))).mode & 0o777).toBe(0o600);
    expect(standalone.ingestToken.length).toBeGreaterThan(40);
  });

  it("shows a newcomer his own machine within a minute, and our own metrics and traces", async () => {
    const api = await ApiClient.signIn(standalone);
    const wanted = [
      "system.cpu.utilization",
      "system.memory.utilization",
      "system.filesystem.utilization",
      "system.network.io",
      "system.cpu.load_average.1m",
      "process.cpu.utilization",
    ];
    const metricsOf = async (): Promise<string[]> => {
      const { entities } = await api.get<{ entities: { entity: string }[] }>("/entities?type=host&limit=10");
      if (entities[0] === undefined) return [];
      const { series } = await api.get<SeriesPage>(`/series?entity=${encodeURIComponent(entities[0].entity)}&limit=500`);
      return wanted.filter((metric) => series.some((one) => one.metric === metric));
    };
    await expect.poll(metricsOf, { timeout: 60_000, interval: 500 }).toEqual(wanted);
    const own = `instance:yunwei-standalone/${hostname()}`;
    const ownMetrics = async (): Promise<string[]> =>
      (await api.get<SeriesPage>(`/series?entity=${encodeURIComponent(own)}&limit=500`)).series.map((one) => one.metric);
    await expect
      .poll(ownMetrics, { timeout: 60_000, interval: 500 })
      .toEqual(expect.arrayContaining(["yunwei.ingest.items", "yunwei.ingest.rows", "yunwei.anomaly.points"]));
    const ownRate = async (): Promise<string[]> =>
      (await api.get<{ tables: { table: string; rows: number }[] }>("/system")).tables
        .filter(({ table, rows }) => table === "spans" && Number(rows) > 0)
        .map(({ table }) => table);
    await expect.poll(ownRate, { timeout: 60_000, interval: 500 }).toEqual(["spans"]);
  });

  it("refuses a second start on the same folder and says who has it", async () => {
    await expect(spawnStandalone({ dataFolder: folder })).rejects.toThrow(new RegExp(`in use by process ${standalone.pid}.*--data`, "s"));
    expect((await fetch(`${standalone.console}/health`)).status).toBe(200);
  });

  it("asks for a sign-in, and for a token at the OTLP door", async () => {
    expect((await fetch(`${standalone.api}/incidents`)).status).toBe(401);
    expect((await fetch(`${standalone.otlp}/v1/metrics`, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" })).status).toBe(401);
  });

  it("keeps a broken alert-policies.yaml out, tells every mistake with its line, and goes on", async () => {
    await writeFile(
      join(folder, "alert-policies.yaml"),
      "policies:\n  - { id: a, kind: dynamic, severity: terrible }\n  - { id: b, kind: static, severity: minor }\n",
    );
    const log = async (): Promise<string> => readFile(join(folder, "standalone.log"), "utf8");
    await expect.poll(log, { timeout: 15_000 }).toMatch(/alert-policies.yaml.*line 2.*line 3/s);
    expect((await fetch(`${standalone.console}/health`)).status).toBe(200);
    await rm(join(folder, "alert-policies.yaml"));
  });

  it("stops on SIGTERM with 0, removes running.json, and comes back with its data on the next start", async () => {
    expect(await standalone.stop()).toBe(0);
    await expect(readFile(join(folder, "running.json"))).rejects.toThrow();
    standalone = await spawnStandalone({ dataFolder: folder, password: standalone.password });
    const api = await ApiClient.signIn(standalone);
    expect((await api.get<{ entities: unknown[] }>("/entities?type=host&limit=10")).entities.length).toBe(1);
  });

  it("takes the next port when the usual one is taken", async () => {
    const blockers = [8600, 4318].map((port) =>
      createServer()
        .listen(port, "127.0.0.1")
        .on("error", () => undefined),
    );
    await Promise.all(
      blockers.map((blocker) => Promise.race([once(blocker, "listening"), once(blocker, "close"), new Promise((resolve) => setTimeout(resolve, 500))])),
    );
    await standalone.stop();
    standalone = await spawnStandalone({ dataFolder: folder, password: standalone.password, variables: { YUNWEI_HTTP_PORT: "", YUNWEI_OTLP_PORT: "" } });
    expect([standalone.console, standalone.otlp].some((address) => address.endsWith(":8600") || address.endsWith(":4318"))).toBe(false);
    for (const blocker of blockers) blocker.close();
  });

  it("refuses a damaged data folder with the place and what to do", async () => {
    await standalone.stop();
    await writeFile(join(folder, "bus", "topics.json"), "[{");
    await expect(spawnStandalone({ dataFolder: folder })).rejects.toThrow(/topics\.json is not JSON/);
  });
});

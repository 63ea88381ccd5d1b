import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openEmbeddedStore } from "@yunwei/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
const START_MS = Date.UTC(2024, 0, 1);
const LINES = 400;
const HOSTS = 3;
/** At 300 times the recorded speed all of it takes 20 s. */
const STOP_AFTER_MS = 5_000;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "yunwei-replay-e2e-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What a Collector would have written each 15 s: the CPU of some hosts; the last tenth is a fault. */
function metricsLine(at: number): string {
  const resourceMetrics = Array.from({ length: HOSTS }, (_, host) => ({
    resource: { attributes: [{ key: "host.name", value: { stringValue: `host-${host}` } }] },
    scopeMetrics: [
      {
        metrics: [
          { name: "system.cpu.utilization", unit: "1", gauge: { dataPoints: [{ timeUnixNano: `${START_MS + at * 15_000}000000`, asDouble: cpu(at, host) }] } },
        ],
      },
    ],
  }));
  return JSON.stringify({ resourceMetrics });
}

function cpu(at: number, host: number): number {
  const noise = 0.01 * Math.sin(at * 12.9898 + host * 78.233);
  return (host === 1 && at > 0.9 * LINES ? 0.95 : 0.2) + noise;
}

/** Runs it; Ctrl-C comes some seconds after its output has `stopAfter`. */
function replay(argv: readonly string[], stopAfter?: RegExp): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, ...argv], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let stopping = false;
    const hear = (piece: Buffer): void => {
      output += piece.toString("utf8");
      if (stopping || stopAfter?.test(output) !== true) return;
      stopping = true;
      setTimeout(() => child.kill("SIGINT"), STOP_AFTER_MS);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("close", (code) => resolve({ code, output }));
  });
}

async function pointsIn(dataFolder: string): Promise<{ points: number; distinct: number }> {
  const store = await openEmbeddedStore({ folder: join(dataFolder, "clickhouse") });
  try {
    const [row] = await store.query<{ points: string; distinct: string }>(
      "SELECT count() AS points, uniqExact(series_id, ts) AS distinct FROM metric_points WHERE metric = 'system.cpu.utilization'",
    );
    return { points: Number(row!.points), distinct: Number(row!.distinct) };
  } finally {
    await store.close();
  }
}

describe("npm run replay", () => {
  it("is stopped half way, goes on, loses and doubles nothing, and tells the fault", async () => {
    const recording = join(folder, "recording");
    const data = join(folder, "data");
    await writeFile(recording, [...Array.from({ length: LINES }, (_, at) => metricsLine(at)), "torn {"].join("\n"));
    const found = join(folder, "found.json");
    const common = [recording, "--format", "otlp", "--data", data];

    const first = await replay([...common, "--speed", "300"], /console http/);
    expect(first.output).toContain("recording line 401: not JSON");
    expect(first.code).toBe(130);
    const { lines } = JSON.parse(await readFile(join(data, "replay-position.json"), "utf8")) as { lines: { recording: number } };
    expect(lines.recording).toBeGreaterThan(10);
    expect(lines.recording).toBeLessThan(LINES);

    const second = await replay([...common, "--resume", "--json", found]);
    expect(second.output).toContain("system.cpu.utilization");
    expect(second.code).toBe(0);
    expect(await pointsIn(data)).toEqual({ points: LINES * HOSTS, distinct: LINES * HOSTS });

    const outcome = JSON.parse(await readFile(found, "utf8")) as {
      badLines: number;
      finished: boolean;
      incidents: { report?: { causes: { entity: string }[] } }[];
    };
    expect(outcome).toMatchObject({ badLines: 1, finished: true });
    expect(outcome.incidents.flatMap(({ report }) => report?.causes.map(({ entity }) => entity) ?? [])).toContain("host:host-1");
  });

  it.each([
    { argv: ["/nowhere"], want: /\/nowhere is not there/ },
    { argv: ["--speed", "0"], want: /--speed 0/ },
  ])("refuses $argv with a plain word", async ({ argv, want }) => {
    const { code, output } = await replay(argv);
    expect(output).toMatch(want);
    expect(output).not.toMatch(/\n\s+at /);
    expect(code).toBe(1);
  });
});

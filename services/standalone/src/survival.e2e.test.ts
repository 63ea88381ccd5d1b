import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { otlpJsonToProtobuf } from "@yunwei/otlp";
import type { Signal } from "@yunwei/schemas";
import { openEmbeddedStore } from "@yunwei/store";
import { type SpawnedStandalone, sendOtlp, spawnStandalone } from "@yunwei/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROUNDS = 20;
const PER_REQUEST = 5;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "yunwei kill "));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const resource = { attributes: [{ key: "host.name", value: { stringValue: "victim" } }] };
const encode = (signal: Signal, request: object): Uint8Array => otlpJsonToProtobuf(signal, Buffer.from(JSON.stringify(request)));

/** Requests whose items carry numbers that no other item has. */
function requestsOf(first: number): [Signal, Uint8Array][] {
  const numbers = Array.from({ length: PER_REQUEST }, (_, i) => first + i);
  const timeUnixNano = `${Date.now()}000000`;
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "a");
  return [
    [
      "metrics",
      encode("metrics", {
        resourceMetrics: [
          {
            resource,
            scopeMetrics: [{ metrics: [{ name: "kill.test", gauge: { dataPoints: numbers.map((asInt) => ({ timeUnixNano, asInt, attributes: [] })) } }] }],
          },
        ],
      }),
    ],
    [
      "logs",
      encode("logs", {
        resourceLogs: [
          { resource, scopeLogs: [{ logRecords: numbers.map((value) => ({ timeUnixNano, severityNumber: 9, body: { stringValue: `line ${value}` } })) }] },
        ],
      }),
    ],
    [
      "traces",
      encode("traces", {
        resourceSpans: [
          {
            resource: { attributes: [{ key: "service.name", value: { stringValue: "victim" } }] },
            scopeSpans: [
              {
                spans: numbers.map((value) => ({
                  traceId: hex(value, 32),
                  spanId: hex(value, 16),
                  name: `span ${value}`,
                  kind: 2,
                  startTimeUnixNano: timeUnixNano,
                  endTimeUnixNano: timeUnixNano,
                })),
              },
            ],
          },
        ],
      }),
    ],
  ];
}

/** Sends until the process is gone; returns the first numbers of requests that were acknowledged, by signal. */
async function sendUntilDead(standalone: SpawnedStandalone, from: number, acknowledged: Record<string, number[]>): Promise<number> {
  let next = from;
  let dead = false;
  void standalone.ended.then(() => {
    dead = true;
  });
  while (!dead) {
    const first = next;
    next += PER_REQUEST;
    await Promise.all(
      requestsOf(first).map(([signal, body]) =>
        sendOtlp(standalone, signal, body).then(
          () => acknowledged[signal]!.push(first),
          () => undefined,
        ),
      ),
    );
  }
  return next;
}

describe("the standalone under kill -9", () => {
  it(`loses and doubles nothing in ${ROUNDS} kills at random moments`, async () => {
    const acknowledged: Record<string, number[]> = { metrics: [], logs: [], traces: [] };
    let next = 1;
    for (let round = 0; round < ROUNDS; round++) {
      const standalone = await spawnStandalone({ dataFolder: folder, variables: { YUNWEI_LOG_LEVEL: "warn" } });
      const timer = setTimeout(() => standalone.child.kill("SIGKILL"), 100 + ((round * 7919) % 2_700));
      next = await sendUntilDead(standalone, next, acknowledged);
      clearTimeout(timer);
    }
    const last = await spawnStandalone({ dataFolder: folder });
    await expect
      .poll(async () => ((await (await fetch(`${last.console}/health`)).json()) as { ingestLag: number }).ingestLag, { timeout: 60_000, interval: 200 })
      .toBe(0);
    expect(await last.stop()).toBe(0);

    const store = await openEmbeddedStore({ folder: join(folder, "clickhouse") });
    const numbersOf = async (sql: string): Promise<number[]> => (await store.query<{ n: string }>(sql)).map((row) => Number(row.n));
    const stored: Record<string, number[]> = {
      metrics: await numbersOf("SELECT toString(value) AS n FROM metric_points WHERE metric = 'kill.test'"),
      logs: await numbersOf("SELECT substring(body, 6) AS n FROM logs WHERE startsWith(body, 'line ')"),
      traces: await numbersOf("SELECT substring(name, 6) AS n FROM spans WHERE startsWith(name, 'span ')"),
    };
    const rolledUp = await numbersOf("SELECT toString(sum(n)) AS n FROM metric_5m WHERE metric = 'kill.test'");
    const indexed = await numbersOf("SELECT toString(sum(spans)) AS n FROM trace_index WHERE startsWith(lower(hex(trace_id)), 'aaaa')");
    await store.close();
    for (const signal of ["metrics", "logs", "traces"]) {
      const unique = new Set(stored[signal]);
      expect({ signal, doubled: stored[signal]!.length - unique.size }).toEqual({ signal, doubled: 0 });
      const wanted = acknowledged[signal]!.flatMap((first) => Array.from({ length: PER_REQUEST }, (_, i) => first + i));
      expect({ signal, lost: wanted.filter((value) => !unique.has(value)).slice(0, 5) }).toEqual({ signal, lost: [] });
      expect(wanted.length).toBeGreaterThan(500);
    }
    expect(rolledUp).toEqual([stored["metrics"]!.length]);
    expect(indexed).toEqual([stored["traces"]!.length]);
  });
});

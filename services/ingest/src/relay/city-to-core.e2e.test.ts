import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKafkaBus } from "@yunwei/bus";
import { otlpJsonToProtobuf } from "@yunwei/otlp";
import type { Signal } from "@yunwei/schemas";
import { openServerStore } from "@yunwei/store";
import { FaultyLink, SpawnedIngest, type SpawnedStandalone, sendOtlp, spawnStandalone, startClickHouse, startKafka } from "@yunwei/testkit";
import { afterAll, describe, expect, it } from "vitest";
import type { RelayStatus } from "./relay-status.ts";
import { RELAYED_TOPICS } from "./relaying-city.test-data.ts";

const link = await FaultyLink.open();
const kafka = await startKafka({ advertisedPort: link.port });
const skipped = "skipped" in kafka ? kafka.skipped : undefined;
afterAll(async () => {
  await link.close();
  if (!("skipped" in kafka)) await kafka.stop();
});

const EACH = 100;

describe.skipIf(skipped !== undefined)(`a city and the core${skipped === undefined ? "" : ` (${skipped})`}`, () => {
  it("counts once at the core what the city took in while the link was cut, through a kill -9 of the city", async () => {
    if ("skipped" in kafka) throw new Error("unreachable");
    link.aim(kafka.port);
    const root = await mkdtemp(join(tmpdir(), "yunwei city "));
    const dataFolder = join(root, "city");
    await mkdir(dataFolder);
    const brokers = `127.0.0.1:${link.port}`;
    const core = await openKafkaBus({ brokers: [brokers], clientId: "core" });
    await core.ensureTopics(RELAYED_TOPICS);
    await core.close();
    const variables = { YUNWEI_RELAY_BROKERS: brokers, YUNWEI_SITE: "suzhou", YUNWEI_RELAY_MIN_FREE_BYTES: "0" };
    const first = await spawnStandalone({ dataFolder, variables });
    await send(first, 0);
    await expect.poll(() => relayOf(first), { timeout: 60_000 }).toMatchObject({ link: "up", waiting: { messages: 0 }, sent: { messages: 3 * EACH } });
    link.cut("reset");
    await send(first, 1);
    await expect.poll(() => relayOf(first), { timeout: 60_000 }).toMatchObject({ link: "down", waiting: { messages: 3 * EACH } });
    await first.kill();
    const second = await spawnStandalone({ dataFolder, variables, password: first.password });
    await send(second, 2);
    expect(await relayOf(second)).toMatchObject({ givenUp: { messages: 0 }, sent: { messages: 0 } });
    link.heal();
    await expect.poll(() => relayOf(second), { timeout: 60_000 }).toMatchObject({ link: "up", waiting: { messages: 0 }, sent: { messages: 6 * EACH } });
    await second.stop();

    const clickhouse = await startClickHouse();
    const store = { YUNWEI_KAFKA_BROKERS: brokers, YUNWEI_CLICKHOUSE_URL: clickhouse.url };
    const writer = await SpawnedIngest.start({ role: "writer", folder: root, name: "writer", variables: store });
    await expect.poll(async () => (await writer.health())?.ingestLag, { timeout: 60_000 }).toBe(0);
    const reader = await openServerStore({ url: clickhouse.url });
    const [found] = await reader.query(`SELECT (SELECT count() FROM metric_points) AS points, (SELECT count() FROM logs) AS logs,
      (SELECT uniqExact(body) FROM logs) AS bodies, (SELECT count() FROM spans) AS spans, (SELECT uniqExact(span_id) FROM spans) AS span_ids`);
    const all = String(3 * EACH);
    expect(found).toEqual({ points: all, logs: all, bodies: all, spans: all, span_ids: all });
    await reader.close();
    await writer.terminate();
    await clickhouse.stop();
    await rm(root, { recursive: true, force: true });
  });
});

async function relayOf(city: SpawnedStandalone): Promise<RelayStatus | undefined> {
  const response = await fetch(`${city.console}/health`).catch(() => undefined);
  return response === undefined ? undefined : ((await response.json()) as { relay: RelayStatus }).relay;
}

async function send(city: SpawnedStandalone, round: number): Promise<void> {
  for (let i = 0; i < EACH; i++) {
    for (const [signal, body] of Object.entries(requests(round * EACH + i))) {
      await sendOtlp(city, signal as Signal, otlpJsonToProtobuf(signal as Signal, Buffer.from(JSON.stringify(body))));
    }
  }
}

function requests(n: number): Record<Signal, object> {
  const at = `${Date.now()}000000`;
  const resource = { attributes: [{ key: "host.name", value: { stringValue: `h${n % 7}` } }] };
  const id = (n + 1).toString(16);
  const span = { traceId: id.padStart(32, "0"), spanId: id.padStart(16, "0"), name: "s", kind: 2, startTimeUnixNano: at, endTimeUnixNano: at };
  return {
    metrics: { resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [{ name: "m", gauge: { dataPoints: [{ timeUnixNano: at, asInt: n }] } }] }] }] },
    logs: { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [{ timeUnixNano: at, severityNumber: 9, body: { stringValue: `line ${n}` } }] }] }] },
    traces: { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] },
  };
}

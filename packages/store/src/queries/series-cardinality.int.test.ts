import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openEmbeddedStore } from "../embedded-store.ts";
import { migrateStore } from "../migrate.ts";
import type { Store } from "../store.ts";
import { labelCardinality, metricCardinality, RESOURCE_LABEL } from "./series-cardinality.ts";

const DAY = new Date().toISOString().slice(0, 10);
let folder: string;
let store: Store;

/** `count` series of a metric; what differs between them is an expression of `number`. */
const seed = (metric: string, count: number, resource: string, labels: string, day = "today()") =>
  store.command(
    `INSERT INTO metric_series (day, department, site, tier, metric, entity_id, series_id, entity, kind, unit, monotonic, resource_id, scope, labels, bounds, last_seen)
     SELECT ${day}, 'd', 's', 't', '${metric}', 1, cityHash64(number, '${metric}'), concat('host:', toString(${resource})), 'gauge', '1', false, ${resource}, 'scope', map(${labels}), [], now() FROM numbers(${count})`,
  );

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "yunwei-cardinality-"));
  store = await openEmbeddedStore({ folder });
  await migrateStore(store, fileURLToPath(new URL("../../../../schemas/clickhouse", import.meta.url)));
  await seed("http.duration", 4_000, "number % 4", "'user.id', toString(intDiv(number, 8)), 'method', ['GET', 'POST'][intDiv(number, 4) % 2 + 1], 'zone', 'a'");
  await seed("http.duration", 1_000, "number % 4", "'user.id', toString(number)", "today() - 1");
  await seed("cpu", 10, "number", "'state', 'idle'");
  // A restart announces the same ones again.
  await seed("cpu", 10, "number", "'state', 'idle'");
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

it("lists metrics by their series of a day, with those of the day before", async () => {
  expect(await metricCardinality(store, DAY, 10)).toEqual([
    { metric: "http.duration", series: 4_000, seriesBefore: 1_000 },
    { metric: "cpu", series: 10, seriesBefore: 0 },
  ]);
  expect(await metricCardinality(store, DAY, 1)).toHaveLength(1);
});

it("names the label that makes the series, and what would be left without it", async () => {
  const { series, sampledOneIn, labels } = await labelCardinality(store, "http.duration", DAY);
  expect([series, sampledOneIn]).toEqual([4_000, 1]);
  const of = (label: string) => labels.find((one) => one.label === label)!;
  expect(labels[0]).toMatchObject({ label: "user.id", values: 500, series: 4_000 });
  expect(of("user.id").share).toBeCloseTo(1 - 8 / 4_000, 3);
  expect(of(RESOURCE_LABEL)).toMatchObject({ values: 4, share: expect.closeTo(0.75, 2) });
  expect(of("method").share).toBeCloseTo(0.5, 2);
  expect(of("zone")).toMatchObject({ values: 1, share: 0, top: [{ value: "a", series: 4_000 }] });
  expect(of("method").top).toEqual(
    expect.arrayContaining([
      { value: "GET", series: 2_000 },
      { value: "POST", series: 2_000 },
    ]),
  );
});

it("has nothing to say of a metric that is not there, and takes its name as it is", async () => {
  expect(await labelCardinality(store, "' OR 1=1 --", DAY)).toEqual({ series: 0, sampledOneIn: 1, labels: [] });
});

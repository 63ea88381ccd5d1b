import { SITES } from "@yunwei/schemas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bearer, openTestConsole, START_MS, type TestConsole } from "./console.test-data.ts";

let test: TestConsole;
beforeAll(async () => {
  test = await openTestConsole();
});
afterAll(() => test?.close());

async function read<T>(url: string, token: string): Promise<T> {
  const response = await test.app.inject({ url, headers: bearer(token) });
  expect(response.statusCode, response.body).toBe(200);
  return response.json<T>();
}

describe("the read API", () => {
  let token: string;
  beforeAll(async () => {
    token = (await test.signIn("wang")).token;
  });

  it("shows 14 tiles of 16 sites and what else was seen; silence is not health", async () => {
    const { tiles, others, telemetryKnown } = await read<{
      tiles: { tile: string; sites: { site: string; level: string; health: number | null; freshness: { state: string } }[] }[];
      others: { site: string; hosts: number }[];
      telemetryKnown: boolean;
    }>("/api/v1/overview", token);
    expect(telemetryKnown).toBe(true);
    expect(tiles).toHaveLength(14);
    expect(tiles.flatMap((tile) => tile.sites.map((site) => site.site)).sort()).toEqual(SITES.map((site) => site.id).sort());
    const of = (id: string) => tiles.flatMap((tile) => tile.sites).find((site) => site.site === id)!;
    expect(of("nanjing")).toMatchObject({ level: "ok", health: 100, freshness: { state: "fresh" } });
    expect(of("suzhou")).toMatchObject({ level: "degraded", health: 70, incidents: { P1: 0, P2: 1 } });
    expect(of("wuxi")).toMatchObject({ level: "unknown", health: null, freshness: { state: "stale" } });
    expect(of("huaian")).toMatchObject({ level: "unknown", health: null, freshness: { state: "never" } });
    expect(others).toEqual([expect.objectContaining({ site: "local", hosts: 1 })]);
  });

  it("finds series and reads a gauge as it is, a counter as a rate, a histogram as a mean, a gap as null", async () => {
    const { series } = await read<{ series: { seriesId: string; metric: string }[] }>("/api/v1/series?entity=host:db-7", token);
    const points = async (metric: string) => {
      const { seriesId } = series.find((one) => one.metric === metric)!;
      const from = new Date(START_MS - 600_000).toISOString();
      return read<{ unit: string; reading: string; resolution: string; points: [number, number | null][] }>(
        `/api/v1/series/${seriesId}/points?metric=${metric}&from=${from}&maxPoints=60`,
        token,
      );
    };
    const cpu = await points("system.cpu.utilization");
    expect(cpu).toMatchObject({ reading: "value", resolution: "raw", unit: "1" });
    expect(cpu.points.filter(([, value]) => value === null).length).toBe(1);
    expect(cpu.points.filter(([, value]) => value !== null).every(([, value]) => Math.abs(value! - 0.5) < 1e-9)).toBe(true);
    const io = await points("system.disk.io");
    expect(io).toMatchObject({ reading: "rate", unit: "By/s" });
    expect(io.points.length).toBeGreaterThan(10);
    for (const [, value] of io.points) expect(value).toBeCloseTo(100, 6);
    const duration = await points("http.server.request.duration");
    expect(duration).toMatchObject({ reading: "mean", unit: "s" });
    for (const [, value] of duration.points) expect(value).toBeCloseTo(0.2, 9);
  });

  it("reads the roll-ups for long stretches", async () => {
    const { series } = await read<{ series: { seriesId: string }[] }>("/api/v1/series?entity=host:db-7&metric=system.cpu.utilization", token);
    for (const [days, resolution] of [
      [3, "5m"],
      [60, "1h"],
    ] as const) {
      const from = new Date(START_MS - days * 86_400_000).toISOString();
      const reply = await read<{ resolution: string; points: [number, number | null][] }>(`/api/v1/series/${series[0]!.seriesId}/points?from=${from}`, token);
      expect(reply.resolution).toBe(resolution);
      expect(reply.points.filter(([, value]) => value !== null).at(-1)![1]).toBeCloseTo(0.5, 9);
    }
  });

  it("reads all series of a metric at once, as each is read alone", async () => {
    const from = new Date(START_MS - 600_000).toISOString();
    for (const metric of ["system.cpu.utilization", "system.disk.io", "http.server.request.duration"]) {
      const { series, truncated } = await read<{ series: { seriesId: string; site: string; points: unknown[] }[]; truncated: boolean }>(
        `/api/v1/series/points?metric=${metric}&from=${from}`,
        token,
      );
      expect(truncated).toBe(false);
      expect(series.some(({ points }) => points.length > 10)).toBe(true);
      for (const { site, ...line } of series) expect(await read(`/api/v1/series/${line.seriesId}/points?metric=${metric}&from=${from}`, token)).toEqual(line);
      const [first] = series;
      const ofSite = await read<{ series: { site: string }[] }>(`/api/v1/series/points?metric=${metric}&from=${from}&site=${first!.site}`, token);
      expect(ofSite.series).toEqual(series.filter(({ site }) => site === first!.site));
    }
    expect(await read("/api/v1/series/points?metric=system.cpu.utilization&limit=1", token)).toMatchObject({ truncated: true, series: { length: 1 } });
  });

  it("makes derived series again from spans and edges, and says when it cannot", async () => {
    const ask = (entity: string, metric: string) =>
      read<{ resolution: string; points: [number, number | null][]; reason?: string }>(
        `/api/v1/series/00000000000000ff/points?entity=${encodeURIComponent(entity)}&metric=${metric}`,
        token,
      );
    const duration = await ask("service:order", "yunwei.service.duration");
    expect(duration.resolution).toBe("derived");
    expect(duration.points.map(([, value]) => value)).toContain(0.25);
    expect((await ask("edge:order->order-db", "yunwei.edge.error_ratio")).points.some(([, value]) => value === 0.5)).toBe(true);
    expect((await ask("service:order", "yunwei.log.error_rate")).reason).toBe("no_points");
    expect((await ask("service:order", "yunwei.service.self_time")).points.map(([, value]) => value)).toContain(0.15);
    expect((await ask("edge:order->order-db", "yunwei.edge.gap")).points.map(([, value]) => value)).toContain(0.1);
    expect((await ask("link:a-b", "yunwei.link.rtt")).reason).toBe("not_stored");
  });

  it("tells of an entity: last values, what it stands on and who calls it", async () => {
    const host = await read<{ node: { site: string }; series: { metric: string; last: number | null; readUnit: string }[]; carries: { entities: string[] } }>(
      "/api/v1/entity?entity=host:db-7",
      token,
    );
    expect(host.node.site).toBe("suzhou");
    expect(host.series.find((one) => one.metric === "system.disk.io")).toMatchObject({ readUnit: "By/s", last: expect.closeTo(100, 6) as number });
    expect(host.carries.entities).toContain("instance:order/o-1");
    const service = await read<{ calls: { entities: string[] }; instances: { entities: string[] } }>("/api/v1/entity?entity=service:order", token);
    expect(service.calls.entities).toEqual(["database:order-db"]);
    expect(service.instances.entities).toEqual(["instance:order/o-1"]);
    const { entities } = await read<{ entities: { entity: string }[] }>("/api/v1/entities?query=DB-7&type=host", token);
    expect(entities.map((one) => one.entity)).toEqual(["host:db-7"]);
    expect((await test.app.inject({ url: "/api/v1/entity?entity=host:nobody", headers: bearer(token) })).statusCode).toBe(404);
  });

  it("tells of itself", async () => {
    const system = await read<{ version: string; ingestLag: number; tables: { table: string; rows: number }[] }>("/api/v1/system", token);
    expect(system).toMatchObject({ version: "0.0.1-test", ingestLag: 7 });
    expect(system.tables.find((one) => one.table === "metric_points")!.rows).toBeGreaterThan(0);
  });

  it.each([
    "/api/v1/series",
    "/api/v1/series?metric=x&from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
    "/api/v1/series?metric=x&from=1960-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
    "/api/v1/series?metric=x&limit=100000",
    "/api/v1/series/xyz/points",
    "/api/v1/series/points",
    "/api/v1/series/points?metric=x&limit=101",
    "/api/v1/series/0123456789abcdef/points?from=yesterday",
    "/api/v1/entity?entity=nothing",
    "/api/v1/entity?entity=planet:mars",
    "/api/v1/entities?type=planet",
    `/api/v1/entities?query=${"x".repeat(300)}`,
  ])("refuses %s with a reason", async (url) => {
    const response = await test.app.inject({ url, headers: bearer(token) });
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: "YUNWEI_BODY_INVALID", message: expect.stringMatching(/.{10,}/) as string });
  });
});

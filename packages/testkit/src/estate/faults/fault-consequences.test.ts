import type { EntityKey } from "@yunwei/schemas";
import { describe, expect, it } from "vitest";
import { buildEstate } from "../build-estate.ts";
import { type DecodedPoint, decodeLogs, decodePoints, decodeSpans } from "../decoded-telemetry.ts";
import { EstateSimulator } from "../estate-simulator.ts";
import type { EstateRequest } from "../telemetry-uplink.ts";
import type { FaultKind, GroundTruth } from "./fault.ts";

/** Short steps make small traffic, and the tests fast. */
const STEP_MS = 5000;
const STEPS = 9;
const estate = buildEstate({ seed: 1 });

interface Run {
  readonly truth: GroundTruth;
  readonly requests: readonly (readonly EstateRequest[])[];
}

function run(kind: FaultKind, target?: EntityKey, steps = STEPS): Run {
  const simulator = new EstateSimulator(estate, { stepMs: STEP_MS });
  simulator.step();
  const truth = simulator.inject(kind, target === undefined ? {} : { target });
  return { truth, requests: Array.from({ length: steps }, () => simulator.step()) };
}

const key = ({ entity, metric, labels }: DecodedPoint) => `${entity} ${metric}${labels === "" ? "" : ` ${labels}`}`;
const lastPoints = ({ requests }: Run) => new Map(decodePoints(requests.at(-1)!).map((point) => [key(point), point.value]));
const healthy = run("none");
const healthyPoints = lastPoints(healthy);

/** Entities one of whose series differs from the same run without the fault, or came or went. */
function touched(points: ReadonlyMap<string, number>): Set<string> {
  const keys = new Set([...points.keys(), ...healthyPoints.keys()]);
  return new Set([...keys].filter((name) => points.get(name) !== healthyPoints.get(name)).map((name) => name.split(" ")[0]!));
}

/** [kind, victim, series "entity metric", least factor over normal, the only entities that may differ] */
const ONLY_LOCAL: readonly [FaultKind, EntityKey, string, number, RegExp][] = [
  ["cpu", "vm:suzhou-vm1", "vm:suzhou-vm1 system.cpu.utilization", 2.5, /suzhou/],
  ["memory-leak", "instance:fund-web-huaian/fund-web-huaian-1", "instance:fund-web-huaian/fund-web-huaian-1 process.memory.usage", 1.5, /huaian/],
  ["network-delay", "link:core-prod--suzhou", "link:core-prod--suzhou yunwei.link.rtt", 5, /suzhou/],
  ["bad-deploy", "service:realty-web-yangzhou", "instance:realty-web-yangzhou/realty-web-yangzhou-1 process.cpu.utilization", 1.2, /yangzhou/],
];

describe.each(ONLY_LOCAL)("%s on %s", (kind, target, series, factor, where) => {
  const faulty = run(kind, target);
  const points = lastPoints(faulty);
  it("shows where it is", () => expect(points.get(series)! / healthyPoints.get(series)!).toBeGreaterThan(factor));
  it("touches nothing that it cannot reach", () => {
    for (const entity of touched(points)) expect(entity).toMatch(where);
    expect(touched(points).size).toBeGreaterThan(0);
  });
  it("is told as it was asked for", () => expect(faulty.truth).toMatchObject({ kind, entity: target }));
});

const serverSpans = ({ requests }: Run, service: string) =>
  decodeSpans(requests.slice(-3).flat()).filter((span) => span.service === service && span.kind === 2);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const duration = (spans: readonly { durationMs: number }[]) => mean(spans.map((span) => span.durationMs));
const errors = (spans: readonly { failed: boolean }[]) => mean(spans.map((span) => Number(span.failed)));

describe("what a fault does to callers", () => {
  it("cpu on a VM makes its service slow, and it alone in the call graph", () => {
    const faulty = run("cpu", "vm:suzhou-vm1");
    expect(duration(serverSpans(faulty, "portal-web-suzhou"))).toBeGreaterThan(1.3 * duration(serverSpans(healthy, "portal-web-suzhou")));
    expect(duration(serverSpans(faulty, "gov-gateway"))).toBe(duration(serverSpans(healthy, "gov-gateway")));
  });

  it.each<[FaultKind, EntityKey, string]>([
    ["db-lock", "database:realty-db", "database:realty-db db.lock.waiting"],
    ["disk-slow", vmOf("realty-db"), `${vmOf("realty-db")} system.disk.latency vda`],
  ])("%s makes the callers of the database slow, and not other departments", (kind, target, series) => {
    const faulty = run(kind, target);
    expect(lastPoints(faulty).get(series)).toBeGreaterThan(5 * healthyPoints.get(series)!);
    for (const service of ["realty-registry", "realty-web-suqian", "fund-api"]) {
      expect(duration(serverSpans(faulty, service))).toBeGreaterThan(1.3 * duration(serverSpans(healthy, service)));
    }
    expect(duration(serverSpans(faulty, "social-web-wuxi"))).toBe(duration(serverSpans(healthy, "social-web-wuxi")));
  });

  it("a full disk fails writes up to the front ends, and the database says why", () => {
    const faulty = run("disk-full", vmOf("social-db"), 14);
    expect(lastPoints(faulty).get(`${vmOf("social-db")} system.filesystem.utilization /data`)).toBe(1);
    for (const service of ["social-pension", "social-web-wuxi"]) expect(errors(serverSpans(faulty, service))).toBeGreaterThan(0.3);
    expect(errors(serverSpans(faulty, "portal-web-suzhou"))).toBeLessThan(0.05);
    const lines = decodeLogs(faulty.requests.at(-1)!).filter((log) => log.entity === "database:social-db" && log.severity >= 17);
    expect(lines.length).toBeGreaterThan(0);
  });

  it("a dead instance goes silent and its callers are refused", () => {
    const faulty = run("process-crash", "instance:fund-api/fund-api-1", 8); // the 8th step of a restart loop is an "up" one, so look at the 7th
    const before = decodePoints(faulty.requests[6]!).map((point) => point.entity);
    expect(before).not.toContain("instance:fund-api/fund-api-1");
    expect(before).toContain("instance:fund-api/fund-api-2");
    const refused = decodeSpans(faulty.requests.flat()).filter((span) => span.peer === "fund-api");
    expect(errors(refused)).toBeGreaterThan(0.15);
    expect(errors(refused)).toBeLessThan(0.5);
  });

  it("packet loss and delay show as the gap between client and server span", () => {
    const gap = (of: Run) => {
      const spans = decodeSpans(of.requests.slice(-3).flat());
      const served = new Map(spans.filter((span) => span.kind === 2).map((span) => [span.parent, span.durationMs]));
      return mean(spans.flatMap((span) => (span.peer === "fund-api" && served.has(span.id) ? [span.durationMs - served.get(span.id)!] : [])));
    };
    expect(gap(healthy)).toBeLessThan(12);
    expect(gap(run("network-delay", "link:core-prod--huaian"))).toBeGreaterThan(30);
    expect(gap(run("network-loss", "link:core-prod--huaian"))).toBeGreaterThan(40);
  });

  it("a link that is down fails all calls over it; the city's telemetry is late or missing", () => {
    const faulty = run("link-down", "link:core-prod--huaian");
    const points = lastPoints(faulty);
    expect(points.get("link:core-prod--huaian yunwei.link.up")).toBe(0);
    expect(points.has("link:core-prod--huaian yunwei.link.rtt")).toBe(false);
    expect(faulty.requests[1]!.some((request) => request.site === "huaian")).toBe(false);
    const spans = decodeSpans(faulty.requests.slice(5).flat()).filter((span) => span.service === "fund-web-huaian");
    if (spans.length > 0) expect(errors(spans)).toBe(1);
  });

  it("an expired certificate turns callers away at once", () => {
    const faulty = run("cert-expiry", "service:health-api");
    expect(lastPoints(faulty).get("instance:health-api/health-api-1 yunwei.tls.certificate.remaining")).toBeLessThan(0);
    expect(errors(decodeSpans(faulty.requests[0]!).filter((span) => span.peer === "health-api"))).toBe(1);
    expect(errors(serverSpans(faulty, "health-web-taizhou"))).toBe(1);
  });

  it("a bad release changes the version, and fails and slows its own requests", () => {
    const faulty = run("bad-deploy", "service:social-pension");
    const [before, after] = [serverSpans(healthy, "social-pension"), serverSpans(faulty, "social-pension")];
    expect(new Set(after.map((span) => span.version)).has(before[0]!.version)).toBe(false);
    expect(errors(after)).toBeGreaterThan(0.15);
    expect(duration(after)).toBeGreaterThan(1.3 * duration(before));
  });

  it("a leak ends in a kill and a restart, for a while each", () => {
    const faulty = run("memory-leak", "instance:social-pension/social-pension-1", 24);
    const name = "instance:social-pension/social-pension-1 process.uptime";
    const uptimes = faulty.requests.map((requests) => new Map(decodePoints(requests).map((point) => [key(point), point.value])).get(name));
    expect(uptimes).toContain(undefined);
    expect(uptimes.at(-1)).toBeLessThan(60);
    expect(faulty.requests.flatMap(decodeLogs).some((log) => log.body.includes("Out of memory"))).toBe(true);
  });

  it("a dark site reports no power and then nothing; the rest goes on", () => {
    const faulty = run("site-power-loss", "site:huaian");
    const first = decodePoints(faulty.requests[0]!).filter((point) => point.entity.includes("huaian"));
    expect(first.filter((point) => point.metric === "yunwei.rack.power").map((point) => point.value)).toEqual([0]);
    expect(first.some((point) => point.entity.startsWith("vm:"))).toBe(false);
    expect(faulty.requests.at(-1)!.some((request) => request.site === "huaian")).toBe(false);
    expect(lastPoints(faulty).get("link:core-prod--huaian yunwei.link.up")).toBe(0);
  });

  it("a surge is load and nothing else: no errors, no saturation, latencies up a little at most", () => {
    const faulty = run("surge", "service:social-web-wuxi");
    expect(faulty.truth).toMatchObject({ entity: undefined, mode: undefined });
    for (const service of ["social-web-wuxi", "social-api", "social-pension"]) {
      const [before, after] = [serverSpans(healthy, service), serverSpans(faulty, service)];
      expect(after.length / before.length).toBeGreaterThan(2);
      expect(errors(after)).toBeLessThan(0.02);
      expect(duration(after) / duration(before)).toBeLessThan(1.5);
    }
    const points = lastPoints(faulty);
    for (const [name, value] of points) {
      if (name.endsWith("system.cpu.utilization")) expect(value).toBeLessThan(0.75);
      const isInternal = /memory|filesystem|disk.latency|lock|certificate|uptime|link|errors/.test(name);
      // a busier VM moves the memory of its host by a hair, but nothing internal may move much
      if (isInternal) expect(Math.abs(value - healthyPoints.get(name)!)).toBeLessThanOrEqual(0.02 * Math.abs(healthyPoints.get(name)!) + 1e-9);
    }
  });
});

function vmOf(service: string): EntityKey {
  const { instances } = estate.services.find((candidate) => candidate.id === service)!;
  return `vm:${estate.machines[estate.instances[instances[0]!]!.vm]!.name}`;
}

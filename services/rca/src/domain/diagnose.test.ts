import type { ChangeMessage } from "@yunwei/schemas";
import { Topology } from "@yunwei/topology";
import { describe, expect, it } from "vitest";
import { type Diagnosis, diagnose } from "./diagnose.ts";
import { alertOf, changeAt, groupOf, seen, smallEstate } from "./estate.test-data.ts";
import type { Evidence } from "./evidence-book.ts";

const DURATION = "yunwei.service.duration";
const topology = smallEstate();

/** Diagnoses a story in which everything harmful on services, edges and availability alerts. */
function story(evidence: readonly Evidence[], changes: readonly ChangeMessage[] = []): Diagnosis {
  const alerts = evidence.filter((item) => /^(service|edge|link|database):/.test(item.entity) || item.family === "availability").map((item) => alertOf(item));
  return diagnose({ group: groupOf(alerts), evidence, changes, topology });
}
const named = ({ verdict, causes }: Diagnosis): string => (verdict === "cause" ? `${causes[0]!.entity} ${causes[0]!.mode}` : verdict);

const slowCallers = [seen("service:api", DURATION, 120, { score: 80 }), seen("service:web", DURATION, 120, { score: 200 })];

describe("diagnose", () => {
  it("names nothing while it does not know the graph, however clear it looks", () => {
    const evidence = [seen("database:pg", "db.lock.waiting", 100), ...slowCallers];
    const report = diagnose({ group: groupOf(evidence.map((item) => alertOf(item))), evidence, changes: [], topology: new Topology() });
    expect(report).toMatchObject({ verdict: "undetermined", confidence: 0 });
    expect(report.causes.map(({ entity }) => entity)).toContain("database:pg");
  });

  it("names the database whose locks pile up, not its louder callers", () => {
    const report = story([seen("database:pg", "db.lock.waiting", 100), seen("edge:api->pg", "yunwei.edge.gap", 105, { family: "edge_gap" }), ...slowCallers]);
    expect(named(report)).toBe("database:pg lock_contention");
    expect(report.confidence).toBeGreaterThan(0.8);
    expect(report.causes[0]).toMatchObject({
      coverage: 1,
      path: expect.arrayContaining(["database:pg"]),
      evidence: [expect.objectContaining({ metric: "db.lock.waiting" }), expect.anything()],
    });
    expect(report.graph.nodes.filter((node) => node.role === "cause").map((node) => node.entity)).toEqual(["database:pg"]);
  });

  it("names the one vm that burns, and the host when all its vms burn", () => {
    const cpu = (entity: Evidence["entity"], over: Partial<Evidence> = {}) => seen(entity, "system.cpu.utilization", 100, over);
    const self = seen("instance:api/api-2", "yunwei.service.self_time", 110);
    expect(named(story([cpu("vm:api-2"), cpu("host:h-2", { score: 25 }), self, ...slowCallers]))).toBe("vm:api-2 cpu_saturation");
    expect(named(story([cpu("vm:api-2"), cpu("vm:pg-1"), cpu("host:h-2"), self, ...slowCallers]))).toBe("host:h-2 cpu_saturation");
  });

  it("names the leaking program, not the disk that swaps because of it", () => {
    const report = story([
      seen("instance:api/api-1", "process.memory.usage", 100),
      seen("vm:api-1", "system.memory.utilization", 100),
      seen("vm:api-1", "system.disk.io_time", 250, { score: 90 }),
      ...slowCallers,
    ]);
    expect(named(report)).toBe("instance:api/api-1 memory_exhaustion");
  });

  it("names the link whose round trips grew, not the services at its ends", () => {
    const report = story([
      seen("link:core-prod--suzhou", "yunwei.link.rtt", 100),
      seen("edge:web->api", "yunwei.edge.gap", 105),
      seen("service:web", DURATION, 110),
    ]);
    expect(named(report)).toBe("link:core-prod--suzhou network_delay");
  });

  it("names the site that lost power, not its link that is dark for the same reason", () => {
    const silent = (entity: Evidence["entity"], atS: number) =>
      seen(entity, "process.uptime", atS, { family: "availability", direction: "absent", detector: "absence", site: "suzhou" });
    const report = story([
      seen("rack:suzhou-r1", "yunwei.rack.power", 100, { direction: "down", detector: "limit", site: "suzhou" }),
      seen("link:core-prod--suzhou", "yunwei.link.up", 100, { direction: "down", detector: "limit" }),
      ...(["vm:web-s", "vm:other-s", "instance:web/web-s", "instance:other/other-s", "host:h-s"] as const).map((entity) => silent(entity, 130)),
    ]);
    expect(named(report)).toMatch(/^(site:suzhou|rack:suzhou-r1) power_loss$/);
  });

  it("names the link that is down when a city falls silent and no power is known to have failed", () => {
    const silent = (entity: Evidence["entity"]) =>
      seen(entity, "process.uptime", 130, { family: "availability", direction: "absent", detector: "absence", site: "suzhou" });
    const report = story([
      seen("link:core-prod--suzhou", "yunwei.link.up", 100, { direction: "down", detector: "limit" }),
      ...(["vm:web-s", "vm:other-s", "instance:web/web-s", "instance:other/other-s", "host:h-s"] as const).map(silent),
    ]);
    expect(named(report)).toBe("link:core-prod--suzhou link_down");
  });

  it("blames a change only where, when and of the kind that fits", () => {
    const broken = [
      seen("service:api", "yunwei.service.error_ratio", 120),
      seen("service:api", "yunwei.service.self_time", 120),
      seen("instance:api/api-1", "yunwei.log.error_rate", 115),
      seen("service:web", "yunwei.service.error_ratio", 125),
    ];
    const guilty = changeAt(100, "service:api");
    const decoys = [changeAt(119, "service:web"), changeAt(118, "vm:other-s", "infrastructure"), changeAt(200, "service:api")];
    const report = story(broken, [...decoys, guilty]);
    expect([named(report), report.causes[0]!.changeId]).toEqual(["service:api bad_change", guilty.changeId]);
    expect(report.changes.filter((change) => change.suspected).map((change) => change.changeId)).toEqual([guilty.changeId]);
    expect(named(story(broken, decoys))).not.toMatch(/bad_change/);
  });

  it("says that traffic rose when traffic rose, and names nobody", () => {
    const rate = (entity: Evidence["entity"]) => seen(entity, "yunwei.service.rate", 100, { family: "load", value: 40, expected: 10 });
    const report = story([
      rate("service:web"),
      rate("service:api"),
      seen("vm:api-1", "system.cpu.utilization", 110),
      seen("vm:api-2", "system.cpu.utilization", 110),
      ...slowCallers,
    ]);
    expect([report.verdict, report.confidence > 0.5]).toEqual(["external_load", true]);
  });

  it("still names a full disk under a surge: traffic does not fill it past its limit", () => {
    const rate = seen("service:web", "yunwei.service.rate", 100, { family: "load", value: 40, expected: 10 });
    expect(
      named(
        story([
          rate,
          seen("vm:pg-1", "system.filesystem.utilization", 100, { detector: "limit", value: 0.99 }),
          seen("edge:api->pg", "yunwei.edge.error_ratio", 110),
          ...slowCallers,
        ]),
      ),
    ).toBe("vm:pg-1 disk_full");
  });

  it("names nothing for a machine that is busy while nobody feels it", () => {
    const cpu = seen("vm:other-s", "system.cpu.utilization", 100, { score: 30 });
    const report = diagnose({ group: groupOf([alertOf(cpu, "minor")]), evidence: [cpu], changes: [], topology });
    expect(report.verdict).toBe("undetermined");
  });

  it("names nothing on two equally likely independent stories", () => {
    const report = story([
      seen("vm:other-s", "system.cpu.utilization", 100),
      seen("vm:web-n", "system.cpu.utilization", 100),
      seen("service:other", DURATION, 110),
      seen("instance:web/web-n", "yunwei.service.self_time", 110),
      seen("service:web", DURATION, 110),
    ]);
    expect(report.confidence).toBeLessThan(0.6);
    expect(report.verdict).toBe("undetermined");
  });

  it("does not take half-full memory for exhausted memory", () => {
    const report = story([
      seen("host:h-1", "system.memory.utilization", 100, { value: 0.49, expected: 0.27 }),
      seen("host:h-2", "system.memory.utilization", 100, { value: 0.45, expected: 0.27 }),
      ...slowCallers,
    ]);
    expect(named(report)).not.toMatch(/memory_exhaustion/);
  });

  it("gives the same report for the same input, whatever the order of the evidence", () => {
    const evidence = [seen("database:pg", "db.lock.waiting", 100), seen("edge:api->pg", "yunwei.edge.gap", 105), ...slowCallers];
    const once = story(evidence);
    expect(story(evidence)).toEqual(once);
    const shuffled = diagnose({
      group: groupOf(evidence.filter((item) => /^(service|edge|database):/.test(item.entity)).map((item) => alertOf(item))),
      evidence: [...evidence].reverse(),
      changes: [],
      topology,
    });
    expect([shuffled.verdict, shuffled.causes[0]!.entity, shuffled.confidence]).toEqual([once.verdict, once.causes[0]!.entity, once.confidence]);
  });

  it("survives a group without alerts and evidence about entities that the graph does not know", () => {
    expect(story([]).verdict).toBe("undetermined");
    expect(() => story([seen("service:ghost", DURATION, 1), seen("edge:ghost->phantom", "yunwei.edge.gap", 1)])).not.toThrow();
  });
});

import { addDeclared, addResources, parseDeclaredTopology, Topology } from "@yunwei/topology";
import { describe, expect, it } from "vitest";
import type { Alert } from "./alert.ts";
import { AlertBook } from "./alert-book.ts";
import { DEFAULT_POLICIES } from "./alert-policy.ts";
import { deviation, plainId } from "./alerting.test-data.ts";
import { GroupBook, groupMessage } from "./group-book.ts";

function topologyOf(): Topology {
  const topology = new Topology();
  const vm = (name: string, site: string) => ({
    entity: `vm:${name}` as const,
    service: "",
    site,
    tier: "core",
    department: "d",
    attrs: { "host.name": name, "yunwei.hypervisor": `h-${site}` },
  });
  const instance = (service: string, host: string, site: string) => ({
    entity: `instance:${service}/1` as const,
    service,
    site,
    tier: "core",
    department: "d",
    attrs: { "service.name": service, "host.name": host },
  });
  addResources(topology, [
    vm("v1", "core"),
    vm("v2", "core"),
    vm("v3", "suzhou"),
    instance("api", "v1", "core"),
    instance("web", "v3", "suzhou"),
    instance("billing", "v2", "core"),
  ]);
  addDeclared(topology, parseDeclaredTopology("sites: [{id: core, tier: core}, {id: suzhou}]\nlinks: [{id: l, between: [core, suzhou]}]"));
  topology.addCalls("service:web", "service:api", "suzhou", "core", 5, 0);
  return topology;
}

/** An alert that fires at once. */
function alert(entity: Parameters<typeof deviation>[0], metric: string, atS: number, over: Parameters<typeof deviation>[3] = {}): Alert {
  const book = new AlertBook(plainId);
  book.takeAnomaly(deviation(entity, metric, atS, over), [{ id: "any", kind: "dynamic", severity: "major" }, ...DEFAULT_POLICIES]);
  return book.active()[0]!;
}

const place = (book: GroupBook, topology: Topology, one: Alert) => book.place(one, topology, Number(one.summary.startedUnixNano) / 1e6);

describe("GroupBook", () => {
  it("joins what hangs together on the graph within the time, and says why", () => {
    const [book, topology] = [new GroupBook(plainId), topologyOf()];
    const first = place(book, topology, alert("service:web", "yunwei.service.duration", 100)).group;
    for (const one of [
      alert("service:api", "yunwei.service.error_ratio", 130),
      alert("vm:v1", "system.cpu.utilization", 150),
      alert("link:l", "yunwei.link.rtt", 160),
    ])
      expect(place(book, topology, one).group).toBe(first);
    expect(first.members.size).toBe(4);
    expect(first.joins[0]).toBe("service:api - service:web: 1 step(s) on the graph");
  });

  it("keeps apart what has nothing to do with it, what comes much later, and other sources", () => {
    const [book, topology] = [new GroupBook(plainId), topologyOf()];
    const first = place(book, topology, alert("service:web", "yunwei.service.duration", 100)).group;
    expect(place(book, topology, alert("vm:v2", "system.cpu.utilization", 110)).group).not.toBe(first);
    expect(place(book, topology, alert("service:api", "yunwei.service.duration", 900)).group).not.toBe(first);
    expect(place(book, topology, alert("service:api", "yunwei.service.duration", 120, { source: "elsewhere" })).group).not.toBe(first);
  });

  it("makes two groups one when an alert ties them together; the older stays", () => {
    const [book, topology] = [new GroupBook(plainId), topologyOf()];
    topology.addCalls("service:gate", "service:hall", "core", "core", 1, 0);
    topology.addCalls("service:hall", "service:room", "core", "core", 1, 0);
    topology.addCalls("service:room", "service:vault", "core", "core", 1, 0);
    topology.addCalls("service:vault", "service:cell", "core", "core", 1, 0);
    topology.addCalls("service:cell", "service:cave", "core", "core", 1, 0);
    const older = place(book, topology, alert("service:gate", "yunwei.service.duration", 100)).group;
    const younger = place(book, topology, alert("service:cave", "yunwei.service.duration", 101)).group;
    expect(younger).not.toBe(older);
    const { group, absorbed } = place(book, topology, alert("service:room", "yunwei.service.duration", 102));
    expect([group === older, absorbed.map((one) => one === younger), group.members.size, book.open.size]).toEqual([true, [true], 3, 1]);
  });

  it("joins what falls silent together at one site", () => {
    const [book, topology] = [new GroupBook(plainId), topologyOf()];
    const silent = (entity: Parameters<typeof deviation>[0], atS: number) =>
      alert(entity, "process.uptime", atS, { detector: "absence", direction: "absent", family: "availability", site: "core" });
    const first = place(book, topology, silent("instance:billing/1", 100)).group;
    expect(place(book, topology, silent("vm:v1", 102)).group).toBe(first);
  });

  it("ends when its last alert has, and tells the whole group in every message", () => {
    const [book, topology] = [new GroupBook(plainId), topologyOf()];
    const one = alert("service:web", "yunwei.service.duration", 100);
    const group = place(book, topology, one).group;
    expect(book.closeIdle(() => 0)).toEqual([]);
    one.summary.condition = "resolved";
    expect(book.closeIdle(() => 400_000)).toEqual([group]);
    expect(groupMessage({ ...group, revision: 2 }, plainId)).toMatchObject({
      state: "resolved",
      revision: 2,
      alertCount: 1,
      severity: "major",
      sites: ["suzhou"],
      resolvedUnixNano: "400000000000",
    });
  });
});

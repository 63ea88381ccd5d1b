import { describe, expect, it } from "vitest";
import { addDeclared, parseDeclaredTopology } from "./declared.ts";
import { addCallRow, addResources } from "./from-telemetry.ts";
import { Topology } from "./topology.ts";

const YAML = `
sites: [{ id: core-prod, tier: core }, { id: suzhou, tier: backbone }, { id: nanjing, tier: backbone }]
links:
  - { id: core-prod--suzhou, between: [core-prod, suzhou] }
  - { id: core-prod--nanjing, between: [core-prod, nanjing] }
racks: [{ id: suzhou-r1, site: suzhou }]
hosts: [{ id: suzhou-h1, rack: suzhou-r1, site: suzhou }]
services: [{ id: portal-web, department: portal, criticality: core }]
`;

function estate(): Topology {
  const topology = new Topology();
  const place = { site: "suzhou", tier: "backbone", department: "portal" };
  addResources(topology, [
    { ...place, entity: "instance:portal-web/1", service: "portal-web", attrs: { "service.name": "portal-web", "host.name": "v1" } },
    { ...place, entity: "vm:v1", service: "", attrs: { "host.name": "v1", "yunwei.hypervisor": "suzhou-h1", "yunwei.rack": "suzhou-r1" } },
  ]);
  addDeclared(topology, parseDeclaredTopology(YAML));
  addCallRow(topology, { src: "portal-web", dst: "pg", dstKind: "database", site: "suzhou", dstSite: "core-prod", department: "portal", calls: 10, errors: 1 });
  return topology;
}

describe("Topology", () => {
  it("stands instances on machines, racks and sites", () => {
    expect(estate().foundations("instance:portal-web/1")).toEqual(["vm:v1", "host:suzhou-h1", "rack:suzhou-r1", "site:suzhou"]);
    expect(estate().standingOn("rack:suzhou-r1")).toEqual(["host:suzhou-h1", "vm:v1", "instance:portal-web/1"]);
    expect(estate().targets("instance:portal-web/1", "instance_of")).toEqual(["service:portal-web"]);
  });

  it("finds the links that a call crosses, through the core", () => {
    expect(estate().linksBetween("suzhou", "nanjing")).toEqual(["link:core-prod--suzhou", "link:core-prod--nanjing"]);
    expect(estate().linksBetween("suzhou", "suzhou")).toEqual([]);
    expect(estate().linksBetween("suzhou", "nowhere")).toEqual([]);
  });

  it("adds calls up and lets declared facts win", () => {
    const topology = estate();
    expect(topology.callFacts("service:portal-web", "database:pg")).toEqual({ calls: 10, errors: 1, sitePairs: new Set(["suzhou>core-prod"]) });
    expect(topology.node("service:portal-web")).toMatchObject({ criticality: "core", declared: true, department: "portal" });
  });
});

describe("topology.yaml", () => {
  it("tells every mistake at once, with its line", () => {
    const broken = "sites:\n  - { id: a, tier: core }\n  - { id: a, tier: middle }\nlinks:\n  - { id: l, between: [a, b] }\nracks: 5\nplanets: []\n";
    let details: unknown;
    try {
      parseDeclaredTopology(broken);
    } catch (error) {
      details = (error as { details: unknown }).details;
    }
    expect(details).toEqual([
      "line 7: planets is not known here; known are sites, links, racks, hosts, services",
      "line 3: tier must be one of core, backbone",
      "line 3: sites has a twice",
      "line 6: racks must be a list",
      "line 5: between must name two different sites of sites",
    ]);
  });

  it("takes an empty file and refuses what is not YAML", () => {
    expect(parseDeclaredTopology("").sites).toEqual([]);
    expect(() => parseDeclaredTopology("a: [")).toThrow(/line 1/);
  });
});

import { SITES } from "@yunwei/schemas";
import { parseDeclaredTopology } from "@yunwei/topology";
import { describe, expect, it } from "vitest";
import { buildEstate } from "./build-estate.ts";
import { linkPath } from "./estate.ts";
import { estateTopology } from "./estate-topology.ts";
import { loadFactor } from "./load-curve.ts";

const estate = buildEstate({ seed: 1 });
const siteIndex = (id: string) => estate.sites.findIndex((site) => site.id === id);

describe("buildEstate", () => {
  it("has the size that was asked for", () => {
    expect(estate.sites.map((site) => site.id)).toEqual(SITES.map((site) => site.id));
    expect(estate.hostCount).toBeGreaterThanOrEqual(38);
    expect(estate.machines.length - estate.hostCount).toBeGreaterThanOrEqual(70);
    expect(estate.services.length).toBe(34);
    expect(estate.instances.length).toBeGreaterThanOrEqual(60);
    expect(estate.links.length).toBe(16);
    expect(estate.departments).toHaveLength(5);
  });

  it.each([1, 2, 77, -5])("is sound with seed %i", (seed) => {
    const { machines, instances, services, hostCount } = buildEstate({ seed });
    expect(new Set(machines.map((machine) => machine.name)).size).toBe(machines.length);
    for (const vm of machines.slice(hostCount)) expect(machines[vm.hypervisor!]).toMatchObject({ site: vm.site, hypervisor: undefined, rack: vm.rack });
    for (const instance of instances) expect(machines[instance.vm]!.site).toBe(services[instance.service]!.site);
    for (const service of services) {
      const hosts = service.instances.map((index) => machines[instances[index]!.vm]!.hypervisor);
      expect(new Set(hosts).size).toBe(hosts.length); // no two instances of a service on one physical host
    }
  });

  it("differs between seeds in figures, not in structure", () => {
    const other = buildEstate({ seed: 2 });
    expect(other.services.map((service) => service.id)).toEqual(estate.services.map((service) => service.id));
    expect(other.services.map((service) => service.selfMs)).not.toEqual(estate.services.map((service) => service.selfMs));
    expect(buildEstate({ seed: 1 })).toEqual(estate);
  });

  it("keeps clocks within two seconds, and some of them visibly off", () => {
    const skews = [1, 2, 3, 4].flatMap((seed) => buildEstate({ seed }).sites.map((site) => Math.abs(site.clockSkewMs)));
    expect(Math.max(...skews)).toBeLessThanOrEqual(2000);
    expect(Math.max(...skews)).toBeGreaterThan(500);
  });
});

it("routes cities over the production centre", () => {
  const names = (from: string, to: string) => linkPath(estate, siteIndex(from), siteIndex(to)).map((link) => estate.links[link]!.id);
  expect(names("suzhou", "suzhou")).toEqual([]);
  expect(names("suzhou", "core-prod")).toEqual(["core-prod--suzhou"]);
  expect(names("taizhou", "core-active")).toEqual(["core-prod--taizhou", "core-prod--core-active"]);
  expect(names("core-active", "core-dr")).toEqual(["core-active--core-dr"]);
});

it("declares its topology in YAML that parses to the same, with ids that resolve", () => {
  const { topology, yaml } = estateTopology(estate);
  expect(parseDeclaredTopology(yaml)).toEqual(topology);
  const sites = new Set(topology.sites.map((site) => site.id));
  const racks = new Set(topology.racks.map((rack) => rack.id));
  for (const { between, id } of topology.links) expect([between.every((site) => sites.has(site)), id]).toEqual([true, between.join("--")]);
  for (const host of topology.hosts) expect(racks.has(host.rack) && sites.has(host.site)).toBe(true);
  expect(topology.services.find((service) => service.id === "social-db")).toMatchObject({ department: "social-security", site: "core-prod" });
});

it("knows office hours in Shanghai, and is smooth", () => {
  const tuesday = Date.UTC(2026, 10, 24);
  const morning = loadFactor(tuesday + 2 * 3_600_000); // 10:00 in Shanghai
  expect(morning / loadFactor(tuesday + 19 * 3_600_000)).toBeGreaterThan(2);
  expect(loadFactor(Date.UTC(2026, 10, 28, 2))).toBeLessThan(0.75 * morning);
  for (let minute = 0; minute < 7 * 1440; minute++) {
    const [now, next] = [loadFactor(tuesday + minute * 60_000), loadFactor(tuesday + (minute + 1) * 60_000)];
    expect(Math.abs(next / now - 1)).toBeLessThan(0.01);
  }
});

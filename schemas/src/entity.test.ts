import { describe, expect, it } from "vitest";
import { entityKeyOf, familyOfMetric, parseEntityKey, SITES, siteById } from "./index.ts";

const key = (attributes: Record<string, string>) => entityKeyOf((name) => attributes[name]);

describe("entityKeyOf", () => {
  it.each([
    [{ "host.name": "h1" }, "host:h1"],
    [{ "host.name": "v1", "yunwei.hypervisor": "h1" }, "vm:v1"],
    [{ "host.name": "v1", "service.name": "web", "service.instance.id": "web-1" }, "instance:web/web-1"],
    [{ "host.name": "v1", "service.name": "web" }, "instance:web/v1"],
    [{ "service.name": "web" }, "service:web"],
    [{ "service.name": "pg", "db.system.name": "postgresql", "service.instance.id": "1" }, "database:pg"],
    [{ "k8s.pod.uid": "u1", "k8s.pod.name": "p1" }, "pod:u1"],
    [{ "yunwei.entity.type": "link", "yunwei.entity.id": "a--b", "host.name": "probe" }, "link:a--b"],
    [{ "yunwei.entity.type": "spaceship", "yunwei.entity.id": "x", "host.name": "h" }, "host:h"],
    [{}, undefined],
  ])("%j is %s", (attributes, want) => expect(key(attributes as Record<string, string>)).toBe(want));

  it("gives keys that parse back", () => {
    expect(parseEntityKey("edge:a->b:c")).toEqual({ type: "edge", id: "a->b:c" });
    expect([parseEntityKey("nothing"), parseEntityKey(":x"), parseEntityKey("spaceship:x")]).toEqual([undefined, undefined, undefined]);
  });
});

describe("the estate", () => {
  it("has 16 site ids in 14 tiles, each at its own place but the core's three", () => {
    expect([SITES.length, new Set(SITES.map((site) => site.tile)).size, new Set(SITES.map((site) => site.grid.join())).size]).toEqual([16, 14, 14]);
    expect(siteById("suzhou")?.zh).toBe("苏州");
  });
});

describe("familyOfMetric", () => {
  it.each([
    ["system.cpu.utilization", "cpu"],
    ["container_memory_working_set_bytes_used", "memory"],
    ["CpuUsageRate(%)", "cpu"],
    ["http.client.request.duration", "latency"],
    ["grpc_errors_total", "error"],
    ["kafka.consumer.up", "availability"],
    ["some.unknown.thing", "other"],
  ])("%s speaks of %s", (metric, family) => expect(familyOfMetric(metric).family).toBe(family));
});

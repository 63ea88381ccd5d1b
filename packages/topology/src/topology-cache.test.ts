import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ResourceRow, Store } from "@yunwei/store";
import { expect, it } from "vitest";
import { TopologyCache } from "./topology-cache.ts";

const SEEN: ResourceRow = { entity: "host:h1", service: "", site: "suzhou", tier: "backbone", department: "d", attrs: { "host.name": "h1" } };
/** Answers with one resource and no calls. */
const store = { query: async (sql: string) => (sql.includes("FROM resources") ? [SEEN] : []) } as unknown as Store;

it("keeps what telemetry shows and the last good file when topology.yaml is broken, from the first load on", async () => {
  const path = join(await mkdtemp(join(tmpdir(), "yunwei-topology-")), "topology.yaml");
  const troubles: unknown[] = [];
  const cache = new TopologyCache({ store, declaredPath: path, nowMs: Date.now, freshMs: 0, onTrouble: (error) => troubles.push(error) });
  await writeFile(path, "sites: [");
  expect((await cache.get(0)).node("host:h1")?.site).toBe("suzhou");
  expect(troubles).toMatchObject([{ code: "YUNWEI_TOPOLOGY_INVALID" }]);
  await writeFile(path, "sites: [{ id: nanjing, tier: backbone }]");
  expect((await cache.get(0)).node("site:nanjing")?.declared).toBe(true);
  await writeFile(path, "sites: 5");
  expect((await cache.get(0)).node("site:nanjing")?.declared).toBe(true);
  expect(troubles.length).toBe(2);
});

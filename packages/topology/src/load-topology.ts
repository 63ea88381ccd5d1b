import { readFile } from "node:fs/promises";
import { callRows, resourceRows, type Store } from "@yunwei/store";
import { addDeclared, type DeclaredTopology, parseDeclaredTopology } from "./declared.ts";
import { addCallRow, addResources } from "./from-telemetry.ts";
import { Topology } from "./topology.ts";

/** What an absent file says. */
export const NOTHING_DECLARED: DeclaredTopology = { sites: [], links: [], racks: [], hosts: [], services: [] };

/**
 * The graph as it stands: what telemetry showed, and what people declared.
 * @param untilMs - event time up to which calls count
 * @throws YunweiError YUNWEI_STORE_UNAVAILABLE
 */
export async function loadTopology(store: Store, declared: DeclaredTopology, untilMs: number): Promise<Topology> {
  const [resources, calls] = await Promise.all([resourceRows(store), callRows(store, untilMs)]);
  const topology = new Topology();
  addResources(topology, resources);
  addDeclared(topology, declared);
  for (const row of calls) addCallRow(topology, row);
  return topology;
}

/** topology.yaml; an absent file declares nothing. @throws YunweiError YUNWEI_TOPOLOGY_INVALID for a broken one */
export async function readDeclared(path: string): Promise<DeclaredTopology> {
  try {
    return parseDeclaredTopology(await readFile(path, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return NOTHING_DECLARED;
    throw error;
  }
}

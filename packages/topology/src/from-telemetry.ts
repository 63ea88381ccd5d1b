import { ATTR, type EntityKey } from "@yunwei/schemas";
import type { CallRow, ResourceRow } from "@yunwei/store";
import type { Topology } from "./topology.ts";

/** Adds what resources say of themselves and of what they stand on; machines first, because the others name them only. */
export function addResources(topology: Topology, rows: readonly ResourceRow[]): void {
  const isMachine = ({ entity }: ResourceRow): boolean => entity.startsWith("vm:") || entity.startsWith("host:");
  for (const row of rows.filter(isMachine)) addMachine(topology, row);
  for (const row of rows) if (!isMachine(row)) addTenant(topology, row);
}

/** A host, or a vm on the host it names; in its rack, else at its site. */
function addMachine(topology: Topology, { entity, site, department, attrs }: ResourceRow): void {
  topology.ensure(entity, { site, department });
  const hypervisor = attrs[ATTR.hypervisor];
  const physical: EntityKey = hypervisor === undefined ? entity : `host:${hypervisor}`;
  if (physical !== entity) {
    topology.ensure(physical, { site });
    topology.connect(entity, "runs_on", physical);
  }
  const rack = attrs[ATTR.rack];
  if (rack === undefined) standAtSite(topology, physical, site);
  else {
    topology.ensure(`rack:${rack}`, { site });
    topology.connect(physical, "member_of", `rack:${rack}`);
    standAtSite(topology, `rack:${rack}`, site);
  }
}

/** What runs on a machine, or stands at a site by itself. */
function addTenant(topology: Topology, { entity, site, department, service, attrs }: ResourceRow): void {
  topology.ensure(entity, { site, department });
  if (entity.startsWith("link:")) return;
  if (service !== "" && (entity.startsWith("instance:") || entity.startsWith("pod:"))) {
    topology.ensure(`service:${service}`, { department });
    topology.connect(entity, "instance_of", `service:${service}`);
  }
  const name = attrs[ATTR.hostName];
  if (name === undefined || entity.startsWith("rack:")) {
    standAtSite(topology, entity, site);
    return;
  }
  const machine: EntityKey = topology.node(`vm:${name}`) === undefined ? `host:${name}` : `vm:${name}`;
  if (topology.node(machine) === undefined) {
    topology.ensure(machine, { site });
    standAtSite(topology, machine, site);
  }
  topology.connect(entity, "runs_on", machine);
}

function standAtSite(topology: Topology, entity: EntityKey, site: string): void {
  if (site === "") return;
  topology.ensure(`site:${site}`, { site });
  topology.connect(entity, "member_of", `site:${site}`);
}

/** Adds calls that were seen; a callee without spans of its own (database, queue, external) is made. */
export function addCallRow(topology: Topology, row: CallRow): void {
  const from: EntityKey = `service:${row.src}`;
  const to = calleeKey(topology, row);
  topology.ensure(from, { department: row.department });
  topology.addCalls(from, to, row.site, row.dstSite || topology.siteOf(to), row.calls, row.errors);
}

function calleeKey(topology: Topology, { dst, dstKind }: CallRow): EntityKey {
  if (topology.node(`database:${dst}`) !== undefined || dstKind === "database") return `database:${dst}`;
  return dstKind === "queue" ? `queue:${dst}` : `service:${dst}`;
}

import { ATTR, type EntityKey } from "@yunwei/schemas";
import type { CallRow, ResourceRow } from "@yunwei/store";
import type { Topology } from "./topology.ts";

/** Adds what a resource says of itself and of what it stands on. */
export function addResource(topology: Topology, row: ResourceRow): void {
  const { entity, site, department, attrs } = row;
  const type = entity.slice(0, entity.indexOf(":"));
  topology.ensure(entity, { site, department });
  const host = attrs[ATTR.hostName];
  const rack = attrs[ATTR.rack];
  const hypervisor = attrs[ATTR.hypervisor];
  if (row.service !== "" && (type === "instance" || type === "pod")) {
    topology.ensure(`service:${row.service}`, { department });
    topology.connect(entity, "instance_of", `service:${row.service}`);
  }
  const machine = machineOf(entity, host, hypervisor);
  if (machine !== undefined && machine !== entity) {
    topology.ensure(machine, { site });
    topology.connect(entity, "runs_on", machine);
  }
  if (machine?.startsWith("vm:") && hypervisor !== undefined) {
    topology.ensure(`host:${hypervisor}`, { site });
    topology.connect(machine, "runs_on", `host:${hypervisor}`);
  }
  placeInRack(topology, row, rack, hypervisor ?? host);
}

/** The vm or host a resource runs on or is. */
function machineOf(entity: EntityKey, host: string | undefined, hypervisor: string | undefined): EntityKey | undefined {
  if (entity.startsWith("link:") || entity.startsWith("rack:") || host === undefined) return undefined;
  return hypervisor === undefined ? `host:${host}` : `vm:${host}`;
}

function placeInRack(topology: Topology, { entity, site }: ResourceRow, rack: string | undefined, physicalHost: string | undefined): void {
  if (site === "" || entity.startsWith("link:")) return;
  topology.ensure(`site:${site}`, { site });
  if (rack === undefined) {
    if (entity.startsWith("rack:") || physicalHost === undefined) topology.connect(entity, "member_of", `site:${site}`);
    else topology.connect(`host:${physicalHost}`, "member_of", `site:${site}`);
    return;
  }
  topology.ensure(`rack:${rack}`, { site });
  topology.connect(`rack:${rack}`, "member_of", `site:${site}`);
  if (physicalHost !== undefined) topology.connect(`host:${physicalHost}`, "member_of", `rack:${rack}`);
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

import { YunweiError } from "@yunwei/schemas";
import { isMap, isScalar, isSeq, LineCounter, type Node, type ParsedNode, parseDocument, type YAMLMap } from "yaml";
import type { Topology, TopologyNode } from "./topology.ts";

/** What people declare: topology.yaml in the data folder. Everything is optional; telemetry fills in the rest. */
export interface DeclaredTopology {
  readonly sites: readonly { id: string; tier: string }[];
  readonly links: readonly { id: string; between: readonly [string, string] }[];
  readonly racks: readonly { id: string; site: string }[];
  readonly hosts: readonly { id: string; rack?: string; site: string }[];
  readonly services: readonly { id: string; department?: string; criticality?: TopologyNode["criticality"]; site?: string }[];
}

const MAX_BYTES = 8 * 1024 * 1024;
const ID = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/;
const CRITICALITIES = new Set(["core", "important", "normal"]);

/**
 * Reads topology.yaml.
 * @throws YunweiError YUNWEI_TOPOLOGY_INVALID with every mistake at once, each with its line, in `details`
 */
export function parseDeclaredTopology(text: string): DeclaredTopology {
  const reader = new DeclaredReader(text);
  const declared = reader.read();
  if (reader.problems.length > 0) {
    throw new YunweiError("YUNWEI_TOPOLOGY_INVALID", `topology.yaml has ${reader.problems.length} mistake(s): ${reader.problems.slice(0, 20).join("; ")}`, {
      details: reader.problems,
    });
  }
  return declared;
}

class DeclaredReader {
  readonly problems: string[] = [];
  readonly #lines = new LineCounter();
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  #problem(node: { range?: readonly number[] | null | undefined } | null | undefined, what: string): void {
    const line = node?.range === undefined || node.range === null ? 1 : this.#lines.linePos(node.range[0]!).line;
    this.problems.push(`line ${line}: ${what}`);
  }

  read(): DeclaredTopology {
    const empty: DeclaredTopology = { sites: [], links: [], racks: [], hosts: [], services: [] };
    if (this.#text.length > MAX_BYTES) {
      this.problems.push(`line 1: the file is over ${MAX_BYTES} bytes`);
      return empty;
    }
    const document = parseDocument(this.#text, { lineCounter: this.#lines, uniqueKeys: true });
    for (const error of document.errors) this.problems.push(`line ${this.#lines.linePos(error.pos[0]).line}: ${error.message.split("\n")[0]}`);
    const root = document.contents;
    if (root === null || document.errors.length > 0) return empty;
    if (!isMap(root)) {
      this.#problem(root, "the file must be a map with sites, links, racks, hosts and services");
      return empty;
    }
    for (const { key } of root.items)
      if (!(String(key) in empty)) this.#problem(key as Node, `${String(key)} is not known here; known are ${Object.keys(empty).join(", ")}`);
    const sites = this.#list(root, "sites", (item) => ({
      id: this.#id(item, "id"),
      tier: this.#oneOf(item, "tier", new Set(["core", "backbone"]), "backbone"),
    }));
    const siteIds = new Set(sites.map((site) => site.id));
    const racks = this.#list(root, "racks", (item) => ({ id: this.#id(item, "id"), site: this.#siteOf(item, siteIds) }));
    return {
      sites,
      racks,
      links: this.#list(root, "links", (item) => ({ id: this.#id(item, "id"), between: this.#between(item, siteIds) })),
      hosts: this.#list(root, "hosts", (item) => ({
        id: this.#id(item, "id"),
        site: this.#siteOf(item, siteIds),
        ...(item.has("rack") ? { rack: this.#id(item, "rack") } : {}),
      })),
      services: this.#list(root, "services", (item) => ({
        id: this.#id(item, "id"),
        ...(item.has("department") ? { department: this.#id(item, "department") } : {}),
        ...(item.has("criticality") ? { criticality: this.#oneOf(item, "criticality", CRITICALITIES, "normal") as TopologyNode["criticality"] } : {}),
        ...(item.has("site") ? { site: this.#siteOf(item, siteIds) } : {}),
      })),
    };
  }

  #list<T extends { id: string }>(root: YAMLMap, name: string, read: (item: YAMLMap) => T): T[] {
    const list = root.get(name, true) as ParsedNode | undefined;
    if (list === undefined) return [];
    if (!isSeq(list)) {
      this.#problem(list, `${name} must be a list`);
      return [];
    }
    const out: T[] = [];
    const seen = new Set<string>();
    for (const item of list.items) {
      if (!isMap(item)) {
        this.#problem(item as Node, `an entry of ${name} must be a map with an id`);
        continue;
      }
      const value = read(item);
      if (seen.has(value.id) && value.id !== "") this.#problem(item, `${name} has ${value.id} twice`);
      seen.add(value.id);
      out.push(value);
    }
    return out;
  }

  #id(item: YAMLMap, name: string): string {
    const node = item.get(name, true) as ParsedNode | undefined;
    const value = isScalar(node) ? String(node.value) : "";
    if (!ID.test(value)) this.#problem(node ?? item, `${name} must be 1 to 200 letters, digits, dots, slashes or hyphens`);
    return value;
  }

  #oneOf(item: YAMLMap, name: string, allowed: ReadonlySet<string>, fallback: string): string {
    const node = item.get(name, true) as ParsedNode | undefined;
    if (node === undefined) return fallback;
    const value = isScalar(node) ? String(node.value) : "";
    if (!allowed.has(value)) this.#problem(node, `${name} must be one of ${[...allowed].join(", ")}`);
    return value;
  }

  #siteOf(item: YAMLMap, sites: ReadonlySet<string>): string {
    const site = this.#id(item, "site");
    if (site !== "" && !sites.has(site)) this.#problem((item.get("site", true) as Node | undefined) ?? item, `site ${site} is not in sites`);
    return site;
  }

  #between(item: YAMLMap, sites: ReadonlySet<string>): [string, string] {
    const node = item.get("between", true) as ParsedNode | undefined;
    const values = isSeq(node) ? node.items.map((entry) => (isScalar(entry) ? String(entry.value) : "")) : [];
    if (values.length !== 2 || !values.every((site) => sites.has(site)) || values[0] === values[1])
      this.#problem(node ?? item, "between must name two different sites of sites");
    return [values[0] ?? "", values[1] ?? ""];
  }
}

/** Adds what people declared; it wins over what telemetry showed when added after it. */
export function addDeclared(topology: Topology, declared: DeclaredTopology): void {
  for (const { id } of declared.sites) topology.ensure(`site:${id}`, { site: id, declared: true });
  for (const { id, between } of declared.links) {
    topology.ensure(`link:${id}`, { declared: true });
    topology.addLink(`link:${id}`, between[0], between[1]);
  }
  for (const { id, site } of declared.racks) {
    topology.ensure(`rack:${id}`, { site, declared: true });
    topology.connect(`rack:${id}`, "member_of", `site:${site}`);
  }
  for (const { id, rack, site } of declared.hosts) {
    topology.ensure(`host:${id}`, { site, declared: true });
    topology.connect(`host:${id}`, "member_of", rack === undefined ? `site:${site}` : `rack:${rack}`);
  }
  for (const { id, ...facts } of declared.services) topology.ensure(`service:${id}`, { ...facts, declared: true });
}

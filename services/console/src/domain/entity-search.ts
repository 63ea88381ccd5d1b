import type { TopologyNode } from "@yunwei/topology";

export interface EntityQuery {
  /** Part of the key, any case; "" = any. */
  readonly query: string;
  readonly type: string;
  readonly site: string;
  readonly limit: number;
}

/** Entities that fit all of the question, by key; `total` counts those beyond the limit too. */
export function matchingEntities(nodes: readonly TopologyNode[], { query, type, site, limit }: EntityQuery): { entities: TopologyNode[]; total: number } {
  const part = query.trim().toLowerCase();
  const fits = (node: TopologyNode): boolean =>
    (type === "" || node.type === type) && (site === "" || node.site === site) && (part === "" || node.entity.toLowerCase().includes(part));
  const found = nodes.filter(fits).sort((a, b) => (a.entity < b.entity ? -1 : 1));
  return { entities: found.slice(0, limit), total: found.length };
}

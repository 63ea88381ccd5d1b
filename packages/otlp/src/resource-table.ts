import { ATTR, type EntityKey, entityKeyOf } from "@yunwei/schemas";
import { readKeyValue } from "./attributes.ts";
import type { ResourceInfo, StreamIdentity } from "./columns.ts";
import { Hash64, hashStrings } from "./hash64.ts";
import { IdTable } from "./id-table.ts";
import type { Wire } from "./wire.ts";

/*
 * opentelemetry.proto.resource.v1   Resource { 1 attributes KeyValue, 2 dropped_attributes_count, 3 entity_refs }
 */

const DEFAULT_SITE = "local";
const DEFAULT_DEPARTMENT = "default";

/** Resources by their raw bytes and the stream's identity; only grows. */
export class ResourceTable {
  readonly all: ResourceInfo[] = [];
  readonly #byRaw = new IdTable();
  readonly #byContent = new Map<string, number>();
  readonly #hash = new Hash64();
  #identity: StreamIdentity | undefined;
  #identityHigh = 0;
  #identityLow = 0;

  /** The index of the Resource message `[start, end)`; an absent one is an empty message. Leaves `wire.pos` at `end`. */
  lookup(wire: Wire, start: number, end: number, identity: StreamIdentity): number {
    if (identity !== this.#identity) this.#takeIdentity(identity);
    const hash = this.#hash;
    hash.reset();
    hash.addLanes(this.#identityHigh, this.#identityLow);
    hash.add(wire.bytes, start, end);
    const known = this.#byRaw.get(hash.high, hash.low);
    wire.pos = end;
    if (known >= 0) return known;
    const { high, low } = hash;
    const index = this.#learn(wire, start, end, identity);
    this.#byRaw.set(high, low, index);
    return index;
  }

  #takeIdentity(identity: StreamIdentity): void {
    const hex = hashStrings(identity.source, identity.site, identity.tier, identity.department);
    this.#identity = identity;
    this.#identityHigh = Number.parseInt(hex.slice(0, 8), 16);
    this.#identityLow = Number.parseInt(hex.slice(8), 16);
  }

  #learn(wire: Wire, start: number, end: number, identity: StreamIdentity): number {
    const attributes = new Map<string, string>();
    wire.pos = start;
    while (wire.next(end)) {
      if (wire.field === 1) readKeyValue(wire, wire.sliceEnd(end), attributes);
      else wire.skip(end);
    }
    wire.pos = end;
    const info = describeResource(attributes, identity);
    const same = this.#byContent.get(`${info.resourceId}${info.source}`);
    if (same !== undefined) return same;
    const index = this.all.length;
    this.all.push({ ...info, index });
    this.#byContent.set(`${info.resourceId}${info.source}`, index);
    return index;
  }
}

/** Who and where a resource is: what the token fixes wins over what the payload claims (design §3). */
export function describeResource(attributes: ReadonlyMap<string, string>, identity: StreamIdentity): Omit<ResourceInfo, "index"> {
  const get = (name: string): string | undefined => attributes.get(name);
  const site = identity.site || get(ATTR.site) || DEFAULT_SITE;
  const tier = identity.tier || get(ATTR.tier) || (site.startsWith("core") ? "core" : "backbone");
  const department = identity.department || get(ATTR.department) || DEFAULT_DEPARTMENT;
  const sorted = [...attributes].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).flat();
  const resourceId = hashStrings(department, site, tier, ...sorted);
  const entity: EntityKey = entityKeyOf(get) ?? `process:${resourceId}`;
  return {
    resourceId,
    entityId: hashStrings(entity),
    entity,
    service: get(ATTR.serviceName) ?? "",
    site,
    tier,
    department,
    source: identity.source,
    attributes,
  };
}

import { ATTR, type EntityKey, entityKeyOf } from "@yunwei/schemas";
import { readKeyValue } from "./attributes.ts";
import type { ResourceInfo, StreamIdentity } from "./columns.ts";
import { hashStrings } from "./hash64.ts";
import { RawTable } from "./raw-table.ts";
import type { Wire } from "./wire.ts";

/*
 * opentelemetry.proto.resource.v1   Resource { 1 attributes KeyValue, 2 dropped_attributes_count, 3 entity_refs }
 */

const DEFAULT_SITE = "local";
const DEFAULT_DEPARTMENT = "default";

/** Distinct raw resources kept; one beyond that is described anew each time. */
const MAX_RESOURCES = 1_000_000;

/** Resources by their raw bytes and the stream's identity; only grows. */
export class ResourceTable {
  readonly all: ResourceInfo[] = [];
  readonly #raw = new RawTable(MAX_RESOURCES);
  /** Index by raw entry. */
  readonly #index: number[] = [];
  readonly #byContent = new Map<string, number>();
  /** Streams by what their token says: the context of their resources. */
  readonly #streams = new Map<string, number>();
  #identity: StreamIdentity | undefined;
  #stream = 0;

  get isFull(): boolean {
    return this.#raw.isFull;
  }

  /** The index of the Resource message `[start, end)`; an absent one is an empty message. Leaves `wire.pos` at `end`. */
  lookup(wire: Wire, start: number, end: number, identity: StreamIdentity): number {
    const stream = this.streamOf(identity);
    const known = this.#raw.find(wire.view, stream, start, end);
    wire.pos = end;
    if (known >= 0) return this.#index[known]!;
    const index = this.#learn(wire, start, end, identity);
    const entry = this.#raw.add(wire.view, stream, start, end);
    if (entry >= 0) this.#index[entry] = index;
    return index;
  }

  /** The number of the stream, by what its token says. */
  streamOf(identity: StreamIdentity): number {
    if (identity === this.#identity) return this.#stream;
    const key = JSON.stringify([identity.source, identity.site, identity.tier, identity.department]);
    let stream = this.#streams.get(key);
    if (stream === undefined) {
      stream = this.#streams.size;
      this.#streams.set(key, stream);
    }
    this.#identity = identity;
    this.#stream = stream;
    return stream;
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

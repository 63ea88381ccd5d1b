import { ATTR } from "./semconv.ts";

/** Vertex types of the graph (design §6). `edge` is a dependency between two services: a candidate of its own. */
export const ENTITY_TYPES = [
  "site",
  "rack",
  "link",
  "device",
  "host",
  "vm",
  "pod",
  "instance",
  "service",
  "database",
  "queue",
  "storage",
  "edge",
  "process",
] as const;
export type EntityType = (typeof ENTITY_TYPES)[number];

/** `type:id`. The id of an instance is `service/instance`, of an edge `caller->callee`; ids are unique in their type. */
export type EntityKey = `${EntityType}:${string}`;

const TYPES: ReadonlySet<string> = new Set(ENTITY_TYPES);

/**
 * The entity that a resource describes, most specific first; the one rule that joins telemetry, graph and alerts.
 * Only identifying attributes count, so a new version or IP address is the same entity.
 * @param get - value of a resource attribute, or undefined
 * @returns undefined when nothing identifies the resource
 */
export function entityKeyOf(get: (name: string) => string | undefined): EntityKey | undefined {
  const type = get(ATTR.entityType);
  const id = get(ATTR.entityId);
  if (type !== undefined && id !== undefined && TYPES.has(type)) return `${type as EntityType}:${id}`;
  const service = get(ATTR.serviceName);
  if (service !== undefined) {
    if (get(ATTR.dbSystem) !== undefined) return `database:${service}`;
    const instance = get(ATTR.serviceInstanceId) ?? get(ATTR.podName) ?? get(ATTR.hostName);
    return instance === undefined ? `service:${service}` : `instance:${service}/${instance}`;
  }
  const pod = get(ATTR.podUid) ?? get(ATTR.podName);
  if (pod !== undefined) return `pod:${pod}`;
  const host = get(ATTR.hostName) ?? get(ATTR.hostId);
  if (host !== undefined) return get(ATTR.hypervisor) === undefined ? `host:${host}` : `vm:${host}`;
  return undefined;
}

/** Splits a key; `type` is undefined-safe: an unknown type is refused with undefined. */
export function parseEntityKey(key: string): { type: EntityType; id: string } | undefined {
  const colon = key.indexOf(":");
  const type = key.slice(0, colon);
  return colon > 0 && TYPES.has(type) ? { type: type as EntityType, id: key.slice(colon + 1) } : undefined;
}

import type { StreamIdentity } from "./columns.ts";
import type { ResourceTable } from "./resource-table.ts";
import type { Wire } from "./wire.ts";

/*
 * The envelope that traces and logs share:
 *   Export*ServiceRequest { 1 resource_* }   Resource* { 1 resource, 2 scope_* }   Scope* { 1 scope, 2 items }
 * Fields may come in any order, so the resource is looked for first.
 */

/** Calls `item` for each span or log record with its end and its resource's index; `wire.pos` is at its first byte. */
export function walkRequest(
  wire: Wire,
  body: Uint8Array,
  identity: StreamIdentity,
  resources: ResourceTable,
  item: (end: number, resource: number) => void,
): void {
  wire.open(body);
  while (wire.next(body.length)) {
    if (wire.field === 1) walkResource(wire, wire.sliceEnd(body.length), identity, resources, item);
    else wire.skip(body.length);
  }
}

function walkResource(wire: Wire, end: number, identity: StreamIdentity, resources: ResourceTable, item: (end: number, resource: number) => void): void {
  const start = wire.pos;
  const resource = findResource(wire, end, identity, resources);
  wire.pos = start;
  while (wire.next(end)) {
    if (wire.field === 2) walkScope(wire, wire.sliceEnd(end), resource, item);
    else wire.skip(end);
  }
}

/** Index of the resource of the Resource* message `[pos, end)`; one without a resource has the empty one. */
export function findResource(wire: Wire, end: number, identity: StreamIdentity, resources: ResourceTable): number {
  let resourceStart = wire.pos;
  let resourceEnd = wire.pos;
  while (wire.next(end)) {
    if (wire.field === 1) {
      resourceEnd = wire.sliceEnd(end);
      resourceStart = wire.pos;
      wire.pos = resourceEnd;
    } else wire.skip(end);
  }
  return resources.lookup(wire, resourceStart, resourceEnd, identity);
}

function walkScope(wire: Wire, end: number, resource: number, item: (end: number, resource: number) => void): void {
  while (wire.next(end)) {
    if (wire.field === 2) item(wire.sliceEnd(end), resource);
    else wire.skip(end);
  }
}

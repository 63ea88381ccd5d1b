import type { ResourceInfo } from "@yunwei/otlp";
import { DictionaryColumn } from "@yunwei/store";
import { ids, type Lanes, lanesOf, PlaceColumns } from "./place-columns.ts";

interface Known {
  readonly resource: Lanes;
  readonly entity: Lanes;
}

/** What rows of logs and spans say of their resource: place, service, ids. */
export class ResourceColumns {
  readonly #place = new PlaceColumns();
  readonly #service = new DictionaryColumn();
  readonly #resource = ids();
  readonly #entity = ids();
  readonly #known: Known[] = [];

  push(resource: ResourceInfo): void {
    const known = (this.#known[resource.index] ??= { resource: lanesOf(resource.resourceId), entity: lanesOf(resource.entityId) });
    this.#place.push(resource);
    this.#service.text(resource.service);
    this.#resource.lanes(known.resource.high, known.resource.low);
    this.#entity.lanes(known.entity.high, known.entity.low);
  }

  get columns() {
    return { ...this.#place.columns, service: this.#service, resource_id: this.#resource, entity_id: this.#entity };
  }
}

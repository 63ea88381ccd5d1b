import type { ResourceInfo } from "@yunwei/otlp";
import { DictionaryColumn } from "@yunwei/store";
import { CodedTexts } from "./coded-texts.ts";
import { ids, type Lanes, lanesOf } from "./place-columns.ts";

interface Known {
  readonly resource: Lanes;
  readonly entity: Lanes;
}

/** What rows of logs and spans say of their resource: place, service, ids. Resources of one catalogue at a time, by their index. */
export class ResourceColumns {
  readonly #department = new DictionaryColumn();
  readonly #site = new DictionaryColumn();
  readonly #tier = new DictionaryColumn();
  readonly #service = new DictionaryColumn();
  readonly #texts = {
    department: new CodedTexts(this.#department),
    site: new CodedTexts(this.#site),
    tier: new CodedTexts(this.#tier),
    service: new CodedTexts(this.#service),
  };
  readonly #resource = ids();
  readonly #entity = ids();
  #known: Known[] = [];
  #catalogue: readonly ResourceInfo[] | undefined;

  /** What is pushed from now on is of this catalogue. */
  of(resources: readonly ResourceInfo[]): void {
    if (resources === this.#catalogue) return;
    this.#catalogue = resources;
    this.#known = [];
    for (const texts of Object.values(this.#texts)) texts.of(resources);
  }

  push(resource: ResourceInfo): void {
    const { index } = resource;
    const known = (this.#known[index] ??= { resource: lanesOf(resource.resourceId), entity: lanesOf(resource.entityId) });
    this.#texts.department.push(index, resource.department);
    this.#texts.site.push(index, resource.site);
    this.#texts.tier.push(index, resource.tier);
    this.#texts.service.push(index, resource.service);
    this.#resource.lanes(known.resource.high, known.resource.low);
    this.#entity.lanes(known.entity.high, known.entity.low);
  }

  get columns() {
    return {
      department: this.#department,
      site: this.#site,
      tier: this.#tier,
      service: this.#service,
      resource_id: this.#resource,
      entity_id: this.#entity,
    };
  }
}

import type { ResourceInfo, SeriesInfo } from "@yunwei/otlp";
import { FixedColumn, StringColumn } from "@yunwei/store";

/** A 64-bit id given as 16 hexadecimal digits, as two lanes: parsed once, kept by the caller. */
export interface Lanes {
  readonly high: number;
  readonly low: number;
}

export function lanesOf(hex: string): Lanes {
  return { high: Number.parseInt(hex.slice(0, 8), 16), low: Number.parseInt(hex.slice(8), 16) };
}

/** department, site, tier: the columns every telemetry table begins with. */
export class PlaceColumns {
  readonly department = new StringColumn();
  readonly site = new StringColumn();
  readonly tier = new StringColumn();

  push(resource: ResourceInfo): void {
    this.department.text(resource.department);
    this.site.text(resource.site);
    this.tier.text(resource.tier);
  }

  get columns() {
    return { department: this.department, site: this.site, tier: this.tier };
  }
}

/** Ids of series and their entities as lanes, by the dense index of a decoder; filled on first use. */
export class SeriesLanes {
  readonly #series: Lanes[] = [];
  readonly #entity: Lanes[] = [];

  series(info: SeriesInfo): Lanes {
    return (this.#series[info.index] ??= lanesOf(info.seriesId));
  }

  entity(info: SeriesInfo): Lanes {
    return (this.#entity[info.index] ??= lanesOf(info.resource.entityId));
  }
}

export const seconds = (): FixedColumn => new FixedColumn("DateTime", 4);
export const ids = (): FixedColumn => new FixedColumn("UInt64", 8);
export const doubles = (): FixedColumn => new FixedColumn("Float64", 8);

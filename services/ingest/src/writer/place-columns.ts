import type { ResourceInfo } from "@yunwei/otlp";
import { DictionaryColumn, FixedColumn } from "@yunwei/store";

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
  readonly department = new DictionaryColumn();
  readonly site = new DictionaryColumn();
  readonly tier = new DictionaryColumn();

  push(resource: ResourceInfo): void {
    this.department.text(resource.department);
    this.site.text(resource.site);
    this.tier.text(resource.tier);
  }

  get columns() {
    return { department: this.department, site: this.site, tier: this.tier };
  }
}

export const seconds = (): FixedColumn => new FixedColumn("DateTime", 4);
export const ids = (): FixedColumn => new FixedColumn("UInt64", 8);
export const doubles = (): FixedColumn => new FixedColumn("Float64", 8);

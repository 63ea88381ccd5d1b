import type { CauseMode } from "../bus/rca-report.ts";
import type { EntityType } from "../entity.ts";

/** Names that more than one room shows to people; one catalogue a language, so that a page and a message say the same. */
export interface Words {
  readonly entityTypes: Readonly<Record<EntityType, string>>;
  readonly modes: Readonly<Record<CauseMode, string>>;
}

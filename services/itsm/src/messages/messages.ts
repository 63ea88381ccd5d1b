import type { CauseMode, EntityType } from "@yunwei/schemas";

/** Everything itsm says to people, in one language. */
export interface ItsmMessages {
  readonly entityTypes: Readonly<Record<EntityType, string>>;
  readonly modes: Readonly<Record<CauseMode, string>>;
  /** `suzhou` -> its name; "" -> "". */
  readonly site: (id: string) => string;
  readonly causeTitle: (where: string, mode: string) => string;
  /** @param others - how many more entities show symptoms */
  readonly undeterminedTitle: (where: string, others: number) => string;
  readonly externalLoadTitle: (where: string) => string;
  /** When neither a cause nor a symptom has a name. */
  readonly somewhere: string;
}

import { type Static, Type } from "typebox";
import { EntityKeyString, UnixNano } from "../scalars.ts";

export const CHANGE_TOPIC = "yunwei.change";

/**
 * A change that was made to something: a suspect for rca, a maintenance window for alerting. Producer: itsm.
 * Key: `changeId`. The newest message of an id replaces the older ones.
 */
export const ChangeMessage = Type.Object({
  changeId: Type.String(),
  kind: Type.Union([
    Type.Literal("deploy"),
    Type.Literal("config"),
    Type.Literal("infrastructure"),
    Type.Literal("certificate"),
    Type.Literal("database"),
    Type.Literal("other"),
  ]),
  title: Type.String({ maxLength: 300 }),
  entities: Type.Array(EntityKeyString, { minItems: 1, maxItems: 100 }),
  startedUnixNano: UnixNano,
  endedUnixNano: Type.Optional(UnixNano),
  actor: Type.String({ maxLength: 100 }),
  /** e.g. the version that was rolled out. */
  labels: Type.Record(Type.String(), Type.String()),
});
export type ChangeMessage = Static<typeof ChangeMessage>;

import { type Static, Type } from "typebox";

/** Variables of the disk guard. */
export const RETENTION_VARIABLES = {
  YUNWEI_MIN_FREE_PERCENT: Type.Number({
    minimum: 0,
    maximum: 50,
    default: 10,
    description: "Percent of ClickHouse's disk to keep free: below it, and below the bytes, the oldest data of the least class is dropped. 0: never.",
  }),
  YUNWEI_MIN_FREE_BYTES: Type.Integer({ minimum: 0, default: 5_368_709_120, description: "Bytes of it to keep free; the smaller of the two counts." }),
};
const RetentionConfig = Type.Object(RETENTION_VARIABLES);
export type RetentionConfig = Static<typeof RetentionConfig>;

import { Type } from "typebox";

/** A 64-bit identifier as 16 lower-case hexadecimal digits: the same bits as the `UInt64` column of that name. */
export const Hex64 = Type.String({ pattern: "^[0-9a-f]{16}$" });

/** An unsigned 64-bit number as a decimal string: JSON numbers lose the last digits of nanoseconds. */
export const Decimal = Type.String({ pattern: "^[0-9]{1,20}$" });

/** Nanoseconds since 1970-01-01T00:00:00Z, as in OTLP/JSON. */
export const UnixNano = Decimal;

/** `type:id`, see entity.ts. */
export const EntityKeyString = Type.String({ pattern: "^[a-z_]+:.+$", maxLength: 512 });

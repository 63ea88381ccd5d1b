import { Type } from "typebox";

/** A 64-bit identifier as 16 lower-case hexadecimal digits: the same bits as the `UInt64` column of that name. */
export const Hex64 = Type.String({ pattern: "^[0-9a-f]{16}$" });

/** Nanoseconds since 1970-01-01T00:00:00Z as a decimal string, as in OTLP/JSON: JSON numbers lose the last digits. */
export const UnixNano = Type.String({ pattern: "^[0-9]{1,20}$" });

/** `type:id`, see entity.ts. */
export const EntityKeyString = Type.String({ pattern: "^[a-z_]+:.+$", maxLength: 512 });

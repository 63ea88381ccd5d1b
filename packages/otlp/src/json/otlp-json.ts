import { type Signal, YunweiError } from "@yunwei/schemas";
import { OTLP_REQUESTS } from "./otlp-root.ts";

/** Fields that OTLP/JSON writes as hexadecimal text where protobuf JSON would have base64 (OTLP specification, "JSON Protobuf Encoding"). */
const HEX_FIELDS: ReadonlyMap<string, number> = new Map([
  ["traceId", 16],
  ["spanId", 8],
  ["parentSpanId", 8],
]);
const INTEGER_FIELDS: ReadonlySet<string> = new Set([
  "timeUnixNano",
  "startTimeUnixNano",
  "endTimeUnixNano",
  "observedTimeUnixNano",
  "asInt",
  "intValue",
  "count",
  "zeroCount",
]);
const MAX_DEPTH = 64;

/**
 * An Export request in OTLP/JSON as protobuf bytes. Unknown fields are ignored, as the specification demands.
 * @throws YunweiError YUNWEI_OTLP_INVALID naming the place
 */
export function otlpJsonToProtobuf(signal: Signal, body: Uint8Array): Uint8Array {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (error) {
    throw new YunweiError("YUNWEI_OTLP_INVALID", `the body is not JSON in UTF-8: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw new YunweiError("YUNWEI_OTLP_INVALID", "the body must be a JSON object");
  const type = OTLP_REQUESTS[signal];
  const prepared = prepare(parsed, "", 0) as { [key: string]: unknown };
  try {
    return type.encode(type.fromObject(prepared)).finish();
  } catch (error) {
    throw new YunweiError("YUNWEI_OTLP_INVALID", `the body is not an OTLP/JSON request: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** Checks and converts what protobufjs would take wrongly: hex ids, and 64-bit numbers that are not numbers. */
function prepare(value: unknown, path: string, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new YunweiError("YUNWEI_OTLP_INVALID", `${path} is nested more than ${MAX_DEPTH} deep`);
  if (Array.isArray(value)) return value.map((item, index) => prepare(item, `${path}[${index}]`, depth + 1));
  if (typeof value !== "object" || value === null) return value;
  const out: { [key: string]: unknown } = Object.create(null) as { [key: string]: unknown };
  for (const [key, child] of Object.entries(value)) out[key] = child === null ? undefined : field(key, child, path === "" ? key : `${path}.${key}`, depth);
  return out;
}

function field(key: string, child: unknown, path: string, depth: number): unknown {
  const hexBytes = HEX_FIELDS.get(key);
  if (hexBytes !== undefined) return hexField(child, hexBytes, path);
  if (INTEGER_FIELDS.has(key)) return integerField(child, path);
  if ((key === "bucketCounts" || key === "explicitBounds") && Array.isArray(child)) {
    return child.map((item, index) => (key === "bucketCounts" ? integerField(item, `${path}[${index}]`) : item));
  }
  return prepare(child, path, depth + 1);
}

function hexField(child: unknown, bytes: number, path: string): Uint8Array {
  if (child === "") return new Uint8Array(0);
  if (typeof child !== "string" || child.length !== 2 * bytes || !/^[0-9a-fA-F]*$/.test(child)) {
    throw new YunweiError("YUNWEI_OTLP_INVALID", `${path} must be ${2 * bytes} hexadecimal digits`);
  }
  return Buffer.from(child, "hex");
}

function integerField(child: unknown, path: string): string {
  const text = typeof child === "number" && Number.isInteger(child) ? BigInt(child).toString() : child;
  if (typeof text !== "string" || !/^-?[0-9]{1,20}$/.test(text))
    throw new YunweiError("YUNWEI_OTLP_INVALID", `${path} must be a whole number, as a number or in quotes`);
  return text;
}

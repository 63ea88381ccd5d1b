import { readFile } from "node:fs/promises";
import { YunweiError } from "@yunwei/schemas";
import { Type } from "typebox";
import { Value } from "typebox/value";
import type { IngestToken } from "./domain/ingest-token.ts";

const Place = Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" });
const Limit = Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1e12 }));
const Limits = Type.Object(
  {
    maxItemsPerSecond: Limit,
    maxBytesPerSecond: Limit,
    maxNewSeriesPerMinute: Limit,
    burstSeconds: Type.Optional(Type.Number({ minimum: 1, maximum: 3600 })),
  },
  { additionalProperties: false },
);
const TokenFile = Type.Array(
  Type.Object(
    {
      id: Place,
      sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }),
      site: Type.Optional(Place),
      tier: Type.Optional(Type.Union([Type.Literal("core"), Type.Literal("backbone")])),
      department: Type.Optional(Place),
      limits: Type.Optional(Limits),
    },
    { additionalProperties: false },
  ),
  { maxItems: 10_000 },
);

/** Whether these may stand in a token file. */
export function areIngestTokens(value: unknown): value is IngestToken[] {
  return Value.Check(TokenFile, value);
}

/**
 * The tokens of a file such as `npm start -- token add` writes: a JSON list of { id, sha256, site?, tier?, department?, limits? }.
 * @returns none when the file is not there
 * @throws YunweiError YUNWEI_CONFIG_INVALID naming every bad entry
 */
export async function readTokenFile(path: string): Promise<IngestToken[]> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "[]";
    throw error;
  });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new YunweiError("YUNWEI_CONFIG_INVALID", `${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  if (areIngestTokens(parsed)) return parsed;
  const problems = [...Value.Errors(TokenFile, parsed)].map((error) => `${error.instancePath || "/"}: ${error.message}`);
  throw new YunweiError("YUNWEI_CONFIG_INVALID", `${path} has mistakes: ${problems.join("; ")}`, { details: problems });
}

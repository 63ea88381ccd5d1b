import { randomBytes } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { hashOfSecret, type IngestToken } from "@yunwei/ingest";
import { YunweiError } from "@yunwei/schemas";
import { Type } from "typebox";
import { Value } from "typebox/value";
import { type DataFolder, localIngestSecret } from "./data-folder.ts";

const Place = Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" });
const TokenFile = Type.Array(
  Type.Object(
    {
      id: Place,
      sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }),
      site: Type.Optional(Place),
      tier: Type.Optional(Type.Union([Type.Literal("core"), Type.Literal("backbone")])),
      department: Type.Optional(Place),
    },
    { additionalProperties: false },
  ),
  { maxItems: 10_000 },
);

/** Id of the token that this machine's own senders use. */
const LOCAL = "local";

/**
 * All tokens that may send: the local one, which may say for itself where its data belongs, and those of ingest-tokens.json.
 * @throws YunweiError YUNWEI_CONFIG_INVALID naming every bad entry
 */
export async function loadIngestTokens(folder: DataFolder): Promise<{ tokens: IngestToken[]; localSecret: string }> {
  const localSecret = await localIngestSecret(folder);
  return { tokens: [{ id: LOCAL, sha256: hashOfSecret(localSecret) }, ...(await readTokens(folder))], localSecret };
}

async function readTokens(folder: DataFolder): Promise<IngestToken[]> {
  const text = await readFile(folder.tokensFile, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "[]";
    throw error;
  });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new YunweiError("YUNWEI_CONFIG_INVALID", `${folder.tokensFile} is not JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  if (Value.Check(TokenFile, parsed)) return parsed;
  const problems = [...Value.Errors(TokenFile, parsed)].map((error) => `${error.instancePath || "/"}: ${error.message}`);
  throw new YunweiError("YUNWEI_CONFIG_INVALID", `${folder.tokensFile} has mistakes: ${problems.join("; ")}`, { details: problems });
}

/** Adds a token and returns its secret, which is kept nowhere. Takes effect at the next start. */
export async function addIngestToken(folder: DataFolder, token: Omit<IngestToken, "sha256">): Promise<string> {
  const known = await readTokens(folder);
  if (token.id === LOCAL || known.some((other) => other.id === token.id))
    throw new YunweiError("YUNWEI_CONFLICT", `there is a token ${token.id} already: choose another id`);
  const secret = randomBytes(32).toString("base64url");
  const added = { ...token, sha256: hashOfSecret(secret) };
  if (!Value.Check(TokenFile, [added]))
    throw new YunweiError(
      "YUNWEI_BODY_INVALID",
      "ids, sites and departments are 1 to 64 letters, digits, dots, underscores or hyphens; a tier is core or backbone",
    );
  await writeFile(`${folder.tokensFile}.new`, `${JSON.stringify([...known, added], undefined, 2)}\n`, { mode: 0o600, flush: true });
  await rename(`${folder.tokensFile}.new`, folder.tokensFile);
  return secret;
}

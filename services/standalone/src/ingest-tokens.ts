import { randomBytes } from "node:crypto";
import { rename, writeFile } from "node:fs/promises";
import { areIngestTokens, hashOfSecret, type IngestToken, readTokenFile, type TokenLimits } from "@yunwei/ingest";
import { YunweiError } from "@yunwei/schemas";
import { type FolderPaths, localIngestSecret } from "./data-folder.ts";

/** Id of the token that this machine's own senders use. */
const LOCAL = "local";

/**
 * All tokens that may send: the local one, which may say for itself where its data belongs, and those of ingest-tokens.json.
 * @throws YunweiError YUNWEI_CONFIG_INVALID naming every bad entry
 */
export async function loadIngestTokens(folder: FolderPaths): Promise<{ tokens: IngestToken[]; localSecret: string }> {
  const localSecret = await localIngestSecret(folder);
  return { tokens: [{ id: LOCAL, sha256: hashOfSecret(localSecret) }, ...(await readTokenFile(folder.tokensFile))], localSecret };
}

/** Adds a token and returns its secret, which is kept nowhere. Takes effect at the next start. */
export async function addIngestToken(folder: FolderPaths, token: Omit<IngestToken, "sha256">): Promise<string> {
  const known = await readTokenFile(folder.tokensFile);
  if (token.id === LOCAL || known.some((other) => other.id === token.id))
    throw new YunweiError("YUNWEI_CONFLICT", `there is a token ${token.id} already: choose another id`);
  const secret = randomBytes(32).toString("base64url");
  const added = { ...token, sha256: hashOfSecret(secret) };
  if (!areIngestTokens([added]))
    throw new YunweiError(
      "YUNWEI_BODY_INVALID",
      "ids, sites and departments are 1 to 64 letters, digits, dots, underscores or hyphens; a tier is core or backbone; quotas are above 0, a burst is 1 to 3600 s",
    );
  await writeFile(`${folder.tokensFile}.new`, `${JSON.stringify([...known, added], undefined, 2)}\n`, { mode: 0o600, flush: true });
  await rename(`${folder.tokensFile}.new`, folder.tokensFile);
  return secret;
}

const LIMIT_OPTIONS: Readonly<Record<keyof TokenLimits, string>> = {
  maxItemsPerSecond: "max-items-per-s",
  maxBytesPerSecond: "max-bytes-per-s",
  maxNewSeriesPerMinute: "max-new-series-per-min",
  burstSeconds: "burst-s",
};

/** A token as the options of a command line describe it; a number that is none is left for `addIngestToken` to refuse. */
export function tokenOf(id: string, options: Readonly<Record<string, unknown>>): Omit<IngestToken, "sha256"> {
  const given = (names: readonly (readonly [name: string, option: string])[], read: (text: string) => unknown) =>
    Object.fromEntries(names.flatMap(([name, option]) => (typeof options[option] === "string" ? [[name, read(options[option])]] : [])));
  const limits = given(Object.entries(LIMIT_OPTIONS), Number);
  const place = given(
    ["site", "tier", "department"].map((name) => [name, name] as const),
    (text) => text,
  );
  return { id, ...place, ...(Object.keys(limits).length === 0 ? {} : { limits }) };
}

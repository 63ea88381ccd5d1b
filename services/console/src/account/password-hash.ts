import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/** Cost of new hashes: 32 MiB and some 200 ms of one processor (OWASP's N = 2^15, r = 8, p = 3). */
const COST = { N: 2 ** 15, r: 8, p: 3 } as const;
const HASH_BYTES = 32;
const SALT_BYTES = 16;
/** A stored hash cannot ask for more than this: a damaged row must not eat the machine. */
const MAX_MEMORY_BYTES = 256 * 1024 * 1024;

/** `scrypt$N$r$p$salt$hash`: the parameters travel with the hash, so that the cost can rise later. RFC 7914. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, COST, HASH_BYTES);
  return ["scrypt", COST.N, COST.r, COST.p, salt.toString("base64url"), hash.toString("base64url")].join("$");
}

/** Whether `password` made `stored`. Constant time in the hash; a stored text that is no hash fits nothing. */
export async function passwordFits(password: string, stored: string): Promise<boolean> {
  const match = /^scrypt\$(\d{1,9})\$(\d{1,3})\$(\d{1,3})\$([\w-]{4,128})\$([\w-]{16,128})$/.exec(stored);
  if (match === null) return false;
  const cost = { N: Number(match[1]), r: Number(match[2]), p: Number(match[3]) };
  if (128 * cost.N * cost.r > MAX_MEMORY_BYTES) return false;
  const expected = Buffer.from(match[5]!, "base64url");
  const actual = await derive(password, Buffer.from(match[4]!, "base64url"), cost, expected.length).catch(() => undefined);
  return actual !== undefined && timingSafeEqual(actual, expected);
}

function derive(password: string, salt: Buffer, cost: { N: number; r: number; p: number }, bytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // The same words typed on another keyboard are the same password (NFKC, RFC 8265).
    scrypt(password.normalize("NFKC"), salt, bytes, { ...cost, maxmem: MAX_MEMORY_BYTES + 1024 * 1024 }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

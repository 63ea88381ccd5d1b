import { createHash } from "node:crypto";

/** Who may send, and what the token fixes; an undefined part is taken from the resource attributes (a trusted sender). */
export interface IngestToken {
  /** Names the stream in messages, counters and logs; not secret. */
  readonly id: string;
  /** SHA-256 of the secret, hexadecimal: the secret itself is kept by the sender only. */
  readonly sha256: string;
  readonly site?: string;
  readonly tier?: string;
  readonly department?: string;
  /** What it may send; undefined = no limit. */
  readonly limits?: TokenLimits;
}

/** Quotas of a token, each on its own and optional: a request over one of them is refused whole (429) and may come again. */
export interface TokenLimits {
  /** Data points, spans and log records, on average. */
  readonly maxItemsPerSecond?: number;
  /** Bytes of requests, as the doors receive them (gRPC and remote write: unpacked), on average. */
  readonly maxBytesPerSecond?: number;
  /** Metric series that were not seen before. */
  readonly maxNewSeriesPerMinute?: number;
  /** Items and bytes of so many seconds may come at once; default 10. */
  readonly burstSeconds?: number;
}

/** SHA-256 of a secret, hexadecimal. A token has 256 random bits, so a fast hash is right: there is nothing to guess. */
export function hashOfSecret(secret: string): string {
  return createHash("sha256").update(secret, "utf8").digest("hex");
}

/** Finds tokens by what a request's `Authorization` header carries. */
export class TokenBook {
  readonly all: readonly IngestToken[];
  readonly #byHash: ReadonlyMap<string, IngestToken>;

  constructor(tokens: readonly IngestToken[]) {
    this.all = tokens;
    this.#byHash = new Map(tokens.map((token) => [token.sha256, token]));
  }

  /** The token of `Bearer <secret>`, or undefined. Looking up a hash takes the same time for every wrong secret. */
  find(authorization: string | undefined): IngestToken | undefined {
    const match = /^Bearer ([\x21-\x7e]{16,512})$/i.exec(authorization ?? "");
    return match === null ? undefined : this.#byHash.get(hashOfSecret(match[1]!));
  }
}

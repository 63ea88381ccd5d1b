/** A dead letter as ingest keeps it: a message that could not be stored. */
export interface LetterHead {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly failures: readonly { readonly stage: string; readonly error: string }[];
  readonly buriedMs: number;
  readonly replays: readonly { readonly atMs: number; readonly by: string; readonly state: "begun" | "done" | "failed" }[];
}

/** How far a dead letter can be read. */
export interface LetterReading {
  readonly plainBytes: number | undefined;
  readonly problem: string | undefined;
  readonly place: string;
  readonly faultByte: number | undefined;
  readonly hex: readonly string[];
  readonly outline: readonly string[];
  readonly omitted: number;
}

/** What a token may send, and what was refused for it since the start. Limits that are not set are undefined. */
export interface TokenQuota {
  readonly source: string;
  readonly itemsPerSecond: number | undefined;
  readonly bytesPerSecond: number | undefined;
  readonly newSeriesPerMinute: number | undefined;
  readonly rejected: readonly { readonly reason: string; readonly requests: number; readonly items: number }[];
}

/** How far a sender's clock is from ours. */
export interface SourceClock {
  readonly source: string;
  readonly site: string;
  readonly signal: string;
  /** Seconds its clock is ahead of ours, at least (negative: behind by at most that, the way of the data included). */
  readonly skewSeconds: number;
  readonly spreadSeconds: number;
  readonly samples: number;
  readonly verdict: "ahead" | "behind" | "steady" | "unsure";
}

/** A metric of a token that has reached its limit of new series today. */
export interface GuardedMetric {
  readonly source: string;
  readonly metric: string;
  readonly refusedPoints: number;
}

/** What is stored, what it takes on disk, and what would be dropped first if that were short. */
export interface StoredData {
  readonly disks: readonly {
    readonly name: string;
    readonly freeBytes: number;
    readonly totalBytes: number;
    readonly beginBytes: number;
    readonly endBytes: number;
    readonly dropping: boolean;
  }[];
  readonly tables: readonly { readonly table: string; readonly retention: string; readonly rows: number; readonly bytes: number; readonly oldestDay: string }[];
  readonly next: readonly {
    readonly table: string;
    readonly retention: string;
    readonly day: string;
    readonly rows: number;
    readonly bytes: number;
    readonly step: string;
  }[];
  readonly dropped: readonly {
    readonly atMs: number;
    readonly table: string;
    readonly retention: string;
    readonly day: string;
    readonly rows: number;
    readonly bytes: number;
    readonly reason: string;
  }[];
}

/** What the console asks of ingest: its interior that no table knows. It may be in another thread. */
export interface IngestOffice {
  readonly deadLetters: {
    list(filter: { readonly topic: string; readonly sinceMs: number; readonly limit: number }): Promise<readonly (LetterHead & { readonly bytes: number })[]>;
    show(id: string): Promise<{ readonly letter: LetterHead & { readonly value: Uint8Array }; readonly description: LetterReading }>;
    replay(id: string, request: { readonly again: boolean; readonly by: string }): Promise<{ readonly did: "published" | "stored"; readonly rows: number }>;
  };
  /** Messages on the bus that are not stored yet, by topic. */
  lagByTopic(): Promise<Readonly<Record<string, number>>>;
  quotas(): Promise<readonly TokenQuota[]>;
  clockSkew(): Promise<readonly SourceClock[]>;
  guardedMetrics(): Promise<readonly GuardedMetric[]>;
  retention(): Promise<StoredData>;
}

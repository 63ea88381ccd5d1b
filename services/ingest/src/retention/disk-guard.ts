import { metrics } from "@opentelemetry/api";
import { YunweiError } from "@yunwei/schemas";
import type { Logger } from "@yunwei/service-kit";
import {
  dropPartition,
  noteRetentionDrop,
  type RetentionDrop,
  retentionDrops,
  type Store,
  type StoreDisk,
  type StorePartition,
  storeDisks,
  storePartitions,
} from "@yunwei/store";
import type { Ballast } from "./ballast.ts";
import { type DropCandidate, dropCandidates, type FreeLimits, freeMarks } from "./drop-plan.ts";

const LOOK_EVERY_MS = 15_000;
/** Drops of one look; more wait for the next. */
const DROPS_AT_ONCE = 50;
/** Another process has dropped something this lately: what that frees is to be seen first. */
const OTHERS_MS = 10_000;
const TELL_AGAIN_MS = 600_000;
const SHOWN = 20;
/** ClickHouse's code for a disk without room. */
const NOT_ENOUGH_SPACE = 243;

export interface DiskGuardOptions {
  readonly store: Store;
  readonly logger: Logger;
  readonly nowMs: () => number;
  readonly limits: FreeLimits;
  /** Where the engine's disk is one of ours. */
  readonly ballast?: Ballast;
  /** Free space as the engine sees it, by default. */
  readonly disks?: () => Promise<readonly StoreDisk[]>;
}

/** What is stored, what it takes, and what would go next. */
export interface RetentionOverview {
  readonly disks: readonly (StoreDisk & { readonly beginBytes: number; readonly endBytes: number; readonly dropping: boolean })[];
  /** By table and class of logs, the largest first; `oldestDay` "" when the table is not cut by day. */
  readonly tables: readonly { readonly table: string; readonly retention: string; readonly rows: number; readonly bytes: number; readonly oldestDay: string }[];
  /** What would be dropped if space were short, in order. */
  readonly next: readonly (StorePartition & { readonly step: string })[];
  readonly dropped: readonly RetentionDrop[];
}

/** Keeps the engine's disks from filling up: drops the oldest days by class, one at a time, loudly, until there is room again (docs/operations/retention.md). */
export class DiskGuard {
  readonly #options: DiskGuardOptions;
  readonly #disks: () => Promise<readonly StoreDisk[]>;
  readonly #dropping = new Set<string>();
  readonly #free = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #closed = false;
  #toldMs = Number.NEGATIVE_INFINITY;
  readonly #dropped = metrics.getMeter("yunwei.ingest").createCounter("yunwei.retention.dropped_partitions", {
    unit: "{partition}",
    description: "Partitions dropped before their time because the disk was nearly full, by table and class.",
  });

  constructor(options: DiskGuardOptions) {
    this.#options = options;
    this.#disks = options.disks ?? (() => storeDisks(options.store));
    metrics
      .getMeter("yunwei.ingest")
      .createObservableGauge("yunwei.store.free_bytes", { unit: "By", description: "Free space of the telemetry store's disks." })
      .addCallback((result) => {
        for (const [disk, bytes] of this.#free) result.observe(bytes, { disk });
      });
  }

  /** Looks now and from now on. */
  start(): void {
    const look = (): void => {
      this.#running = this.#running
        .then(() => this.look())
        .catch((error: unknown) => this.#options.logger.error({ err: error }, "the disk guard could not look at the store"));
    };
    this.#timer = setInterval(look, LOOK_EVERY_MS);
    this.#timer.unref();
    look();
  }

  /** Looks at the disks now, and drops what must go. @returns what was dropped */
  async look(): Promise<DropCandidate[]> {
    const done: DropCandidate[] = [];
    for (const disk of await this.#disks()) {
      this.#free.set(disk.name, disk.freeBytes);
      const { beginBytes } = freeMarks(disk.totalBytes, this.#options.limits);
      if (disk.freeBytes < beginBytes) this.#dropping.add(disk.name);
      if (this.#dropping.has(disk.name)) await this.#relieve(disk, done);
    }
    // While it is short of room the disk can do without it.
    if (this.#dropping.size === 0)
      await this.#options.ballast?.keep().catch((error: unknown) => this.#options.logger.warn({ err: error }, "no room to set aside"));
    return done;
  }

  async #relieve(first: StoreDisk, done: DropCandidate[]): Promise<void> {
    const { store, nowMs, limits } = this.#options;
    const { endBytes } = freeMarks(first.totalBytes, limits);
    if (nowMs() - ((await retentionDrops(store, 1))[0]?.atMs ?? 0) < OTHERS_MS && done.length === 0) return;
    let disk = first;
    while (disk.freeBytes < endBytes && done.length < DROPS_AT_ONCE && !this.#closed) {
      const next = dropCandidates(await storePartitions(store), nowMs()).find(({ partition }) => partition.disk === disk.name);
      if (next === undefined) {
        this.#tellEmpty(disk, endBytes);
        return;
      }
      await this.#drop(next, disk, endBytes);
      done.push(next);
      disk = (await this.#disks()).find(({ name }) => name === disk.name) ?? disk;
      this.#free.set(disk.name, disk.freeBytes);
    }
    if (disk.freeBytes >= endBytes) this.#dropping.delete(disk.name);
  }

  async #drop({ partition, step }: DropCandidate, disk: StoreDisk, endBytes: number): Promise<void> {
    const { store, logger, nowMs } = this.#options;
    const { table, retention, day, partitionId, rows, bytes } = partition;
    const reason = `disk ${disk.name} has ${disk.freeBytes} of ${disk.totalBytes} bytes free, ${Math.round(endBytes)} are wanted: ${step}`;
    const drop = { atMs: nowMs(), table, retention, day, partitionId, rows, bytes, freeBytes: disk.freeBytes, wantedBytes: Math.round(endBytes), reason };
    await this.#dropOf(partition);
    logger.error({ retention: drop }, "the oldest data of its class was dropped: the disk is nearly full");
    this.#dropped.add(1, { table, class: retention });
    await noteRetentionDrop(store, drop).catch((error: unknown) => logger.error({ err: error }, "what was dropped is in this log only"));
  }

  async #dropOf({ table, partitionId }: StorePartition): Promise<void> {
    const { store, ballast } = this.#options;
    try {
      await dropPartition(store, table, partitionId);
    } catch (error) {
      const code = error instanceof YunweiError ? (error.details as { engineCode?: number } | undefined)?.engineCode : undefined;
      if (code !== NOT_ENOUGH_SPACE || !(await ballast?.release())) throw error;
      await dropPartition(store, table, partitionId);
    }
  }

  #tellEmpty(disk: StoreDisk, endBytes: number): void {
    const { logger, nowMs } = this.#options;
    if (nowMs() - this.#toldMs < TELL_AGAIN_MS) return;
    this.#toldMs = nowMs();
    logger.error(
      { disk: disk.name, freeBytes: disk.freeBytes, wantedBytes: Math.round(endBytes) },
      "the disk is nearly full and there is nothing left that may be dropped: free space, or give it a larger disk",
    );
  }

  /** What is stored and what would go next; changes nothing. */
  async overview(): Promise<RetentionOverview> {
    const { store, nowMs, limits } = this.#options;
    const [disks, partitions, dropped] = await Promise.all([this.#disks(), storePartitions(store), retentionDrops(store, SHOWN)]);
    const tables = new Map<string, { table: string; retention: string; rows: number; bytes: number; oldestDay: string }>();
    for (const { table, retention, rows, bytes, day } of partitions) {
      const sum = tables.get(`${table} ${retention}`) ?? { table, retention, rows: 0, bytes: 0, oldestDay: day };
      const oldestDay = [day, sum.oldestDay].sort()[0]!;
      tables.set(`${table} ${retention}`, { ...sum, rows: sum.rows + rows, bytes: sum.bytes + bytes, oldestDay });
    }
    return {
      disks: disks.map((disk) => ({ ...disk, ...freeMarks(disk.totalBytes, limits), dropping: this.#dropping.has(disk.name) })),
      tables: [...tables.values()].sort((one, other) => other.bytes - one.bytes),
      next: dropCandidates(partitions, nowMs())
        .slice(0, SHOWN)
        .map(({ partition, step }) => ({ ...partition, step })),
      dropped,
    };
  }

  /** Waits for the look in hand. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#running;
  }
}

import { join } from "node:path";
import type { Logger } from "@yunwei/service-kit";
import type { Store } from "@yunwei/store";
import { Ballast } from "./ballast.ts";
import { DiskGuard, type RetentionOverview } from "./disk-guard.ts";
import { RetentionBook } from "./retention-book.ts";
import type { RetentionConfig } from "./retention-config.ts";

const FILE = "retention.yaml";
/** What ClickHouse needs to drop a partition is far less. */
const BALLAST_BYTES = 32 * 1024 * 1024;

export interface RetentionOptions {
  readonly store: Store;
  readonly logger: Logger;
  readonly nowMs: () => number;
  readonly config: RetentionConfig;
  /** With retention.yaml, on the disk of an embedded engine; undefined = rules come from the store, which is a server's. */
  readonly folder: string | undefined;
}

/** How long data is kept: classes of logs, and what goes early when the disk is nearly full. */
export interface Retention {
  readonly book: RetentionBook;
  /** What is stored and what would go next; changes nothing. */
  overview(): Promise<RetentionOverview>;
  close(): Promise<void>;
}

/** @throws YunweiError when the store cannot be asked */
export async function openRetention({ store, logger, nowMs, config, folder }: RetentionOptions): Promise<Retention> {
  const book = await RetentionBook.open({ store, path: folder === undefined ? undefined : join(folder, FILE), logger, nowMs });
  const ballast = folder === undefined ? {} : { ballast: new Ballast(join(folder, "disk-reserve"), BALLAST_BYTES) };
  const limits = { minFreePercent: config.YUNWEI_MIN_FREE_PERCENT, minFreeBytes: config.YUNWEI_MIN_FREE_BYTES };
  const guard = new DiskGuard({ store, logger, nowMs, limits, ...ballast });
  guard.start();
  return {
    book,
    overview: () => guard.overview(),
    close: async () => {
      await guard.close();
      await book.close();
    },
  };
}

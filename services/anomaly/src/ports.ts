import type { SnapshotPiece } from "./domain/snapshot.ts";

/** Where the detector's state survives a restart. One snapshot is kept: the newest whole one. */
export interface SnapshotStore {
  /**
   * Replaces the snapshot; durable when resolved. A failure leaves the one before.
   * @param beforeCommit - run when all pieces are written and before they count: a rejection keeps the old snapshot
   */
  save(pieces: Iterable<SnapshotPiece>, beforeCommit: () => Promise<void>): Promise<void>;
  /** The snapshot, or undefined when there is none. @throws YunweiError YUNWEI_DATA_FOLDER_CORRUPT when it cannot be read whole */
  load(): Promise<SnapshotPiece[] | undefined>;
  /** Puts an unusable snapshot out of the way without destroying it. @returns where it is now */
  setAside(): Promise<string>;
}

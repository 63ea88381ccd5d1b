import { setTimeout as sleep } from "node:timers/promises";
import type { EndlessFeed } from "./endless-feed.ts";

const LANES = 8;
const LOOK_MS = 200;
/** Messages that may wait to be stored: enough for full batches, not so many that the sender runs away. */
const MOST_WAITING = 1_500;

/** What takes a feed. */
export interface FeedTarget {
  send(gzipBody: Uint8Array): Promise<void>;
  /** Messages taken in and not stored yet. */
  lag(): Promise<number>;
}

/** Sends at full speed as long as `wanted` says, waiting when the writer falls behind. @returns the items sent */
export async function sendWhile(feed: EndlessFeed, target: FeedTarget, wanted: (items: number) => boolean): Promise<number> {
  let items = 0;
  let waiting = 0;
  let done = false;
  const lane = async (): Promise<void> => {
    while (!done && wanted(items)) {
      if (waiting > MOST_WAITING) await sleep(LOOK_MS);
      else {
        const payload = await feed.next();
        await target.send(payload.body);
        items += payload.items;
      }
    }
  };
  const look = async (): Promise<void> => {
    while (!done) {
      waiting = await target.lag();
      await sleep(LOOK_MS);
    }
  };
  const looking = look();
  try {
    await Promise.all(Array.from({ length: LANES }, lane));
  } finally {
    done = true;
    await looking;
  }
  return items;
}

import type { Bus, Subscription } from "@yunwei/bus";
import { YunweiError } from "@yunwei/schemas";
import type { Logger } from "@yunwei/service-kit";
import type { Store } from "@yunwei/store";
import type { RetentionBook } from "../retention/retention-book.ts";
import { DECODE_STAGE, type DeadLetter, LETTER_SIGNALS, type LetterReplay, letterOf, refusedTables, replayMessage } from "./dead-letter.ts";
import { describeLetter, type LetterDescription } from "./describe-letter.ts";
import { LetterBox, type LetterHead } from "./letter-box.ts";
import { storeRefused } from "./store-refused.ts";

export interface DeskOptions {
  readonly bus: Bus;
  readonly store: Store;
  /** Which retention class a log gets that is stored again. */
  readonly retention: RetentionBook;
  /** Keeps the letters; of this process alone. */
  readonly folder: string;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

export interface ReplayRequest {
  /** Also when it has been replayed, or may have been. */
  readonly again: boolean;
  /** Who asks. */
  readonly by: string;
}

/** What a replay has done. */
export interface ReplayOutcome {
  /** "published": to its topic again, where all readers get it; "stored": in the tables that refused it. */
  readonly did: "published" | "stored";
  /** Rows stored; 0 when it was published. */
  readonly rows: number;
}

const GROUP = "ingest-dlq-desk";
const MAX_REPLAYS = 100;

/** Collects what the writers have buried, shows it and replays it. Each letter once, unless asked otherwise; remembered on disk. */
export class DeadLetterDesk {
  readonly #options: DeskOptions;
  readonly #box: LetterBox;
  readonly #subscriptions: Subscription[] = [];

  private constructor(options: DeskOptions, box: LetterBox) {
    this.#options = options;
    this.#box = box;
  }

  static async open(options: DeskOptions): Promise<DeadLetterDesk> {
    const { folder, logger, bus } = options;
    const box = await LetterBox.open({ folder, onTrouble: (message) => logger.warn({ part: "dead letters" }, message) });
    const desk = new DeadLetterDesk(options, box);
    for (const topic of LETTER_SIGNALS.keys())
      desk.#subscriptions.push(
        await bus.subscribe({ topic: `${topic}.dlq`, groupId: GROUP }, async (batch) => {
          for (const message of batch) {
            const letter = letterOf(topic, message);
            if (letter === undefined) logger.warn({ topic, offset: message.offset }, "a message on the dead-letter topic does not say where it comes from");
            else await box.put(letter);
          }
        }),
      );
    return desk;
  }

  /** Newest burial first. @param filter.topic - "" = any */
  list({ topic, sinceMs, limit }: { readonly topic: string; readonly sinceMs: number; readonly limit: number }): LetterHead[] {
    return this.#box
      .list()
      .filter((head) => head.buriedMs >= sinceMs && (topic === "" || head.topic === topic))
      .slice(0, limit);
  }

  /** @param id - `topic:partition:offset`. @throws YunweiError YUNWEI_NOT_FOUND */
  async show(id: string): Promise<{ readonly letter: DeadLetter; readonly description: LetterDescription }> {
    const letter = await this.#box.read(id);
    if (letter === undefined) throw notFound(id);
    return { letter, description: await describeLetter(letter) };
  }

  /**
   * A letter that could not be decoded goes to its topic again, for all who read it; of one whose rows a table refused, these rows are
   * stored: the rest of it was, and would be there twice.
   * @throws YunweiError YUNWEI_NOT_FOUND; YUNWEI_CONFLICT when it was replayed already, or may have been; of bus, decoder and store
   */
  async replay(id: string, { again, by }: ReplayRequest): Promise<ReplayOutcome> {
    const { nowMs, logger } = this.#options;
    const atMs = nowMs();
    const begun = await this.#box.change(id, (letter) => {
      if (!again) refuseTwice(letter);
      if (letter.replays.length >= MAX_REPLAYS) throw new YunweiError("YUNWEI_CONFLICT", `it was replayed ${MAX_REPLAYS} times: that is enough`);
      return { ...letter, replays: [...letter.replays, { atMs, by, state: "begun" }] };
    });
    if (begun === undefined) throw notFound(id);
    const place = begun.replays.length - 1;
    try {
      const outcome = await this.#perform(begun);
      await this.#end(id, place, "done");
      logger.info({ letter: id, by, ...outcome }, "a dead letter was replayed");
      return outcome;
    } catch (error) {
      // What may succeed later may also have succeeded: it stays begun. A refusal is certain.
      if (error instanceof YunweiError && !error.retryable) await this.#end(id, place, "failed");
      throw error;
    }
  }

  async #perform(letter: DeadLetter): Promise<ReplayOutcome> {
    const { bus } = this.#options;
    if (letter.failures.some(({ stage }) => stage === DECODE_STAGE) || refusedTables(letter).length === 0) {
      await bus.publish(letter.topic, [replayMessage(letter)]);
      return { did: "published", rows: 0 };
    }
    return { did: "stored", rows: await storeRefused(letter, this.#options) };
  }

  async #end(id: string, place: number, state: LetterReplay["state"]): Promise<void> {
    await this.#box.change(id, (letter) => ({ ...letter, replays: letter.replays.map((replay, i) => (i === place ? { ...replay, state } : replay)) }));
  }

  async close(): Promise<void> {
    await Promise.all(this.#subscriptions.map((subscription) => subscription.close()));
  }
}

function refuseTwice({ replays }: DeadLetter): void {
  const last = replays.filter(({ state }) => state !== "failed").at(-1);
  if (last === undefined) return;
  const at = new Date(last.atMs).toISOString();
  throw new YunweiError(
    "YUNWEI_CONFLICT",
    last.state === "done"
      ? `${last.by} has replayed it at ${at}: ask for it again only if it may be there twice`
      : `${last.by} began to replay it at ${at}, and how that ended is not known: look whether its data is there, then ask for it again`,
  );
}

function notFound(id: string): YunweiError {
  return new YunweiError("YUNWEI_NOT_FOUND", `there is no dead letter ${id.slice(0, 100)}: list them first`);
}

import { randomUUID } from "node:crypto";
import { open, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { YunweiError } from "@yunwei/schemas";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";

const Count = Type.Integer({ minimum: 0 });
const Lane = Type.Object({
  /** Whose sequence numbers are used: those of the offsets, counted from `base`. */
  producerId: Type.String({ pattern: "^[0-9]{1,19}$" }),
  base: Count,
  /** Partition at the core. */
  target: Count,
  /** Everything of ours below this offset at the core has been acknowledged: a search begins here. */
  floor: Count,
});
const GivenUp = Type.Object({ topic: Type.String(), partition: Count, first: Count, last: Count, messages: Count, bytes: Count, atMs: Count });
const RelayFile = Type.Object({
  log: Type.String({ minLength: 1 }),
  lanes: Type.Record(Type.String(), Lane),
  givenUp: Type.Array(GivenUp),
  /** Mean size of a message by topic, to tell bytes from messages after a restart. */
  meanBytes: Type.Record(Type.String(), Type.Number({ minimum: 0 })),
});
type RelayFile = Static<typeof RelayFile>;

/** How the messages of one local partition go to the core. */
export type RelayLaneRecord = Static<typeof Lane>;
/** A run of messages of one partition that were given up. */
export type GivenUp = Static<typeof GivenUp>;

/** More runs than this are folded into the oldest of their partition: the sums stay right. */
const MOST_RUNS = 500;

/**
 * What a relay must remember over its own death: which sequence numbers are whose, and what was given up. It lies in the folder
 * of the log that it speaks of, so that the two are lost together. Written whole, and on disk before anything is done by it.
 */
export class RelayState {
  readonly #path: string;
  readonly #file: RelayFile;
  #saving: Promise<void> = Promise.resolve();

  private constructor(path: string, file: RelayFile) {
    this.#path = path;
    this.#file = file;
  }

  /** @throws YunweiError YUNWEI_DATA_FOLDER_CORRUPT when the file is there and is none of ours */
  static async open(path: string): Promise<RelayState> {
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (text !== undefined) return new RelayState(path, parse(text, path));
    const state = new RelayState(path, { log: randomUUID(), lanes: {}, givenUp: [], meanBytes: {} });
    await state.save();
    return state;
  }

  get log(): string {
    return this.#file.log;
  }

  lane(topic: string, partition: number): RelayLaneRecord | undefined {
    return this.#file.lanes[`${topic}/${partition}`];
  }

  /** On disk when it resolves. */
  async setLane(topic: string, partition: number, lane: RelayLaneRecord): Promise<void> {
    this.#file.lanes[`${topic}/${partition}`] = lane;
    await this.save();
  }

  /** In memory, and on disk with the next save: an older floor only makes a search longer. */
  setFloor(topic: string, partition: number, floor: number): void {
    const lane = this.lane(topic, partition);
    if (lane !== undefined) lane.floor = floor;
  }

  get givenUp(): readonly GivenUp[] {
    return this.#file.givenUp;
  }

  lastGivenUp(topic: string, partition: number): GivenUp | undefined {
    return this.#file.givenUp.findLast((one) => one.topic === topic && one.partition === partition);
  }

  /** On disk when it resolves; a run that goes on is one run. */
  async giveUp(run: GivenUp): Promise<void> {
    const before = this.lastGivenUp(run.topic, run.partition);
    if (before !== undefined && (before.last + 1 === run.first || this.#file.givenUp.length >= MOST_RUNS)) {
      before.last = run.last;
      before.messages += run.messages;
      before.bytes += run.bytes;
      before.atMs = run.atMs;
    } else this.#file.givenUp.push(run);
    await this.save();
  }

  /** Takes back what was given up while it was under way, and turns out to have arrived. @returns how many messages */
  async arrivedAfterAll(topic: string, partition: number, arrivedTo: number): Promise<number> {
    const run = this.lastGivenUp(topic, partition);
    if (run === undefined || arrivedTo <= run.first) return 0;
    const messages = Math.min(run.messages, Math.min(arrivedTo, run.last + 1) - run.first);
    if (messages === 0) return 0;
    run.bytes = Math.round((run.bytes * (run.messages - messages)) / run.messages);
    run.messages -= messages;
    run.first += messages;
    if (run.messages === 0) this.#file.givenUp.splice(this.#file.givenUp.indexOf(run), 1);
    await this.save();
    return messages;
  }

  meanBytes(topic: string): number {
    return this.#file.meanBytes[topic] ?? 0;
  }

  setMeanBytes(topic: string, bytes: number): void {
    this.#file.meanBytes[topic] = bytes;
  }

  save(): Promise<void> {
    const saved = this.#saving.then(() => this.#write());
    this.#saving = saved.catch(() => undefined);
    return saved;
  }

  async #write(): Promise<void> {
    await writeFile(`${this.#path}.new`, JSON.stringify(this.#file, undefined, 1), { mode: 0o600, flush: true });
    await rename(`${this.#path}.new`, this.#path);
    const folder = await open(dirname(this.#path), "r");
    await folder.sync().finally(() => folder.close());
  }
}

function parse(text: string, path: string): RelayFile {
  try {
    const parsed: unknown = JSON.parse(text);
    if (Value.Check(RelayFile, parsed)) return parsed;
  } catch {
    // Said below.
  }
  throw new YunweiError(
    "YUNWEI_DATA_FOLDER_CORRUPT",
    `${path} is not what a relay has written: restore it from a backup; or remove it, and what was under way to the core at the end may be stored there twice`,
  );
}

import { RateMeter } from "./rate-meter.ts";

interface Sum {
  messages: number;
  bytes: number;
}

const EMPTY = (): Sum => ({ messages: 0, bytes: 0 });

/** What one topic has waiting and what became of the rest; counted since the start of the process, but for what waits. */
class TopicBook {
  readonly waiting = EMPTY();
  /** Taken in or sent: for the mean size of a message. */
  readonly seen = EMPTY();
  readonly sent = EMPTY();
  /** Found at the core when asked: sent before a crash or a cut that swallowed the answer. */
  readonly found = EMPTY();
  readonly givenUp = EMPTY();
  readonly messageRate = new RateMeter();
  readonly byteRate = new RateMeter();
  /** When the bus took the first message of the batch in hand, by partition. */
  readonly oldestMs = new Map<number, number>();
}

export type LinkState = "connecting" | "up" | "down";

/** The relay's books: what waits, what went, how fast, and how the link is. Holds numbers only; the clock is told. */
export class RelayBook {
  readonly topics: ReadonlyMap<string, TopicBook>;
  /** Messages whose arrival could not be proven nor disproven, and that were sent (again). */
  unproven = 0;
  #link: LinkState = "connecting";
  #linkSinceMs: number;

  constructor(topics: readonly string[], nowMs: number) {
    this.topics = new Map(topics.map((topic) => [topic, new TopicBook()]));
    this.#linkSinceMs = nowMs;
  }

  of(topic: string): TopicBook {
    const found = this.topics.get(topic);
    if (found === undefined) throw new RangeError(`topic ${topic} is not relayed`);
    return found;
  }

  get link(): { readonly state: LinkState; readonly sinceMs: number } {
    return { state: this.#link, sinceMs: this.#linkSinceMs };
  }

  /** @returns whether that is news */
  setLink(state: LinkState, nowMs: number): boolean {
    if (state === this.#link) return false;
    this.#link = state;
    this.#linkSinceMs = nowMs;
    return true;
  }

  took(topic: string, messages: number, bytes: number): void {
    add(this.of(topic).waiting, messages, bytes);
    add(this.of(topic).seen, messages, bytes);
  }

  left(topic: string, how: "sent" | "found" | "givenUp", messages: number, bytes: number): void {
    const book = this.of(topic);
    add(book[how], messages, bytes);
    add(book.seen, messages, bytes);
    add(book.waiting, -messages, -bytes);
  }

  /** Puts what waits right by what the bus says: both are counted at other moments, and bytes from before the start are a guess. */
  settle(topic: string, messages: number, meanBytes: number): void {
    const { waiting } = this.of(topic);
    if (messages === 0 || waiting.bytes === 0) waiting.bytes = Math.round(messages * meanBytes);
    waiting.messages = messages;
  }

  tick(nowMs: number): void {
    for (const { sent, messageRate, byteRate } of this.topics.values()) {
      messageRate.tick(sent.messages, nowMs);
      byteRate.tick(sent.bytes, nowMs);
    }
  }
}

function add(sum: Sum, messages: number, bytes: number): void {
  sum.messages = Math.max(0, sum.messages + messages);
  sum.bytes = Math.max(0, sum.bytes + bytes);
}

import { YunweiError } from "@yunwei/schemas";

export interface ReceiveSlotsOptions {
  /** Messages that may be on their way in at once. */
  readonly slots: number;
  /** How many of them may be one sender's: a sender whose link hangs must not stop the others. */
  readonly slotsOfSender: number;
  /** Calls that may wait for a slot; a further one is refused at once. */
  readonly waiting: number;
  /** Longest wait for a slot, milliseconds. */
  readonly waitMs: number;
}

interface Waiter {
  readonly sender: string;
  admit(): void;
}

/**
 * Bounds the memory of messages that are still being received: the library buffers a message whole before a handler sees
 * it, and only then is its size known. A call that waits here has not begun to read, so it holds no more than a window of HTTP/2.
 */
export class ReceiveSlots {
  readonly #options: ReceiveSlotsOptions;
  readonly #waiters = new Set<Waiter>();
  readonly #takenBy = new Map<string, number>();
  #taken = 0;

  constructor(options: ReceiveSlotsOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the sender has a slot, with what gives it back (once or more often); first come, first served among those
   * who may have one.
   * @param gone - aborted when the caller goes away: it stops waiting, and the promise rejects
   * @throws YunweiError YUNWEI_TOO_MANY_REQUESTS
   */
  async take(sender: string, gone: AbortSignal): Promise<() => void> {
    if (this.#mayHave(sender)) this.#count(sender, 1);
    else await this.#wait(sender, gone);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#count(sender, -1);
      this.#admitNext();
    };
  }

  #mayHave(sender: string): boolean {
    return this.#taken < this.#options.slots && (this.#takenBy.get(sender) ?? 0) < this.#options.slotsOfSender;
  }

  #count(sender: string, change: 1 | -1): void {
    const taken = (this.#takenBy.get(sender) ?? 0) + change;
    if (taken === 0) this.#takenBy.delete(sender);
    else this.#takenBy.set(sender, taken);
    this.#taken += change;
  }

  #wait(sender: string, gone: AbortSignal): Promise<void> {
    if (this.#waiters.size >= this.#options.waiting) throw tooMany();
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        gone.removeEventListener("abort", refuse);
        this.#waiters.delete(waiter);
      };
      const refuse = (): void => {
        settle();
        reject(tooMany());
      };
      const admit = (): void => {
        settle();
        resolve();
      };
      const waiter: Waiter = { sender, admit };
      const timer = setTimeout(refuse, this.#options.waitMs);
      gone.addEventListener("abort", refuse);
      this.#waiters.add(waiter);
    });
  }

  #admitNext(): void {
    for (const waiter of this.#waiters) {
      if (!this.#mayHave(waiter.sender)) continue;
      this.#count(waiter.sender, 1);
      waiter.admit();
      return;
    }
  }
}

function tooMany(): YunweiError {
  return new YunweiError("YUNWEI_TOO_MANY_REQUESTS", "too many messages are being received at once: send again in a second");
}

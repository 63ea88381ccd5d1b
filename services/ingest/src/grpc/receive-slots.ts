import { YunweiError } from "@yunwei/schemas";

export interface ReceiveSlotsOptions {
  /** Messages that may be on their way in at once. */
  readonly slots: number;
  /** Calls that may wait for a slot; a further one is refused at once. */
  readonly waiting: number;
  /** Longest wait for a slot, milliseconds. */
  readonly waitMs: number;
}

interface Waiter {
  take(): void;
}

/**
 * Bounds the memory of messages that are still being received: the library buffers a message whole before a handler sees
 * it, and only then is its size known. A call that waits here has not begun to read, so it holds no more than a window of HTTP/2.
 */
export class ReceiveSlots {
  readonly #options: ReceiveSlotsOptions;
  readonly #waiters = new Set<Waiter>();
  #taken = 0;

  constructor(options: ReceiveSlotsOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the caller has a slot, with what gives it back (once or more often); first come, first served.
   * @param gone - aborted when the caller goes away: it stops waiting, and the promise rejects
   * @throws YunweiError YUNWEI_TOO_MANY_REQUESTS
   */
  async take(gone: AbortSignal): Promise<() => void> {
    if (this.#taken < this.#options.slots) this.#taken++;
    else await this.#wait(gone);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#giveBack();
    };
  }

  #wait(gone: AbortSignal): Promise<void> {
    if (this.#waiters.size >= this.#options.waiting) throw tooMany();
    return new Promise((resolve, reject) => {
      const refuse = (): void => {
        settle();
        reject(tooMany());
      };
      const timer = setTimeout(refuse, this.#options.waitMs);
      gone.addEventListener("abort", refuse);
      const waiter: Waiter = {
        take: () => {
          settle();
          resolve();
        },
      };
      const settle = (): void => {
        clearTimeout(timer);
        gone.removeEventListener("abort", refuse);
        this.#waiters.delete(waiter);
      };
      this.#waiters.add(waiter);
    });
  }

  #giveBack(): void {
    for (const next of this.#waiters) {
      next.take();
      return; // the slot goes from hand to hand
    }
    this.#taken--;
  }
}

function tooMany(): YunweiError {
  return new YunweiError("YUNWEI_TOO_MANY_REQUESTS", "too many messages are being received at once: send again in a second");
}

import type { Signal } from "@yunwei/schemas";

/** An Export request with items that carry the numbers first, first + 1, ... */
export interface SentRequest {
  readonly first: number;
  readonly count: number;
  /** Tries that may have reached the bus: all but those whose connection was refused. */
  reached: number;
  acknowledged: boolean;
  /** Items that the answer says were left out. */
  rejected: number;
}

/** What became of the items of one signal in one table. */
export interface TableVerdict {
  /** Rows. */
  readonly stored: number;
  /** Acknowledged and not there. */
  readonly lost: number;
  /** There more often than the sender itself can have caused. */
  readonly doubled: number;
  /** There more than once because the sender had to send a request again whose answer it did not get. */
  readonly repeated: number;
  /** The first few numbers that were lost or doubled. */
  readonly examples: readonly string[];
}

export interface SignalCounts {
  readonly sent: number;
  readonly acknowledged: number;
  readonly rejected: number;
}

const EXAMPLES = 5;

/** Everything that was sent in a run, by signal. */
export class SentRequests {
  readonly #bySignal: Record<Signal, SentRequest[]> = { metrics: [], logs: [], traces: [] };
  readonly #next: Record<Signal, number> = { metrics: 1, logs: 1, traces: 1 };

  /** Takes the next `count` numbers. */
  add(signal: Signal, count: number): SentRequest {
    const request: SentRequest = { first: this.#next[signal], count, reached: 0, acknowledged: false, rejected: 0 };
    this.#next[signal] += count;
    this.#bySignal[signal].push(request);
    return request;
  }

  of(signal: Signal): readonly SentRequest[] {
    return this.#bySignal[signal];
  }

  counts(signal: Signal): SignalCounts {
    const counts = { sent: 0, acknowledged: 0, rejected: 0 };
    for (const { count, acknowledged, rejected } of this.#bySignal[signal]) {
      counts.sent += count;
      if (acknowledged) counts.acknowledged += count - rejected;
      counts.rejected += rejected;
    }
    return counts;
  }
}

/**
 * Compares what was sent with what is there.
 * @param perRequest - true: a request is one row with its first number (a histogram), false: a row for each of its numbers
 * @param copies - how often a number is in the table
 */
export function judgeTable(requests: readonly SentRequest[], perRequest: boolean, copies: ReadonlyMap<number, number>): TableVerdict {
  let stored = 0;
  let lost = 0;
  let doubled = 0;
  let repeated = 0;
  let known = 0;
  const examples: string[] = [];
  const example = (text: string): void => void (examples.length < EXAMPLES && examples.push(text));
  for (const request of requests) {
    for (let i = 0; i < (perRequest ? 1 : request.count); i++) {
      const number = request.first + i;
      const found = copies.get(number) ?? 0;
      stored += found;
      if (found > 0) known++;
      if (found === 0 && request.acknowledged) {
        lost++;
        example(`${number} is missing`);
      }
      const allowed = Math.max(1, request.reached);
      if (found > allowed) {
        doubled += found - allowed;
        example(`${number} is there ${found} times, sent ${request.reached} times`);
      }
      repeated += Math.max(0, Math.min(found, allowed) - 1);
    }
  }
  if (known < copies.size) {
    doubled += copies.size - known;
    example(`${copies.size - known} numbers that were never sent`);
  }
  return { stored, lost, doubled, repeated, examples };
}

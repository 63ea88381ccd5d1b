import type { LinkState, RelayBook } from "./relay-book.ts";
import type { RelayState } from "./relay-state.ts";

interface Sum {
  readonly messages: number;
  readonly bytes: number;
}

export interface RelayTopicStatus {
  /** Not at the core yet; bytes of what came before the start are an estimate. */
  readonly waiting: Sum;
  /** Since the start of the process. */
  readonly sent: Sum;
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
  /** Age of the oldest message that waits; 0 when none does. */
  readonly oldestAgeSeconds: number;
  /** New telemetry of this topic is refused, because the backlog or the disk is at its limit. */
  readonly refused: boolean;
}

/** How the relay stands, for /health and people. Counts only: it tells nothing of anyone's data. */
export interface RelayStatus extends Omit<RelayTopicStatus, "refused"> {
  readonly link: LinkState;
  readonly linkSince: string;
  /** Until nothing waits, if no more came in; undefined when nothing moves. */
  readonly secondsLeft?: number;
  /** Given up for the core, since ever; local copies are not touched. */
  readonly givenUp: Sum;
  /** Batches whose first arrival could be neither proven nor disproven. */
  readonly unproven: number;
  readonly topics: Readonly<Record<string, RelayTopicStatus>>;
}

/** Reads the books. Pure. */
export function relayStatus(book: RelayBook, state: RelayState, refused: ReadonlySet<string>, nowMs: number): RelayStatus {
  const topics = Object.fromEntries(
    [...book.topics].map(([topic, { waiting, sent, messageRate, byteRate, oldestMs }]) => [
      topic,
      {
        waiting: { ...waiting },
        sent: { ...sent },
        messagesPerSecond: Math.round(messageRate.perSecond),
        bytesPerSecond: Math.round(byteRate.perSecond),
        oldestAgeSeconds: waiting.messages === 0 || oldestMs.size === 0 ? 0 : Math.max(0, Math.round((nowMs - Math.min(...oldestMs.values())) / 1000)),
        refused: refused.has(topic),
      },
    ]),
  );
  const all = Object.values(topics);
  const total = (pick: (one: RelayTopicStatus) => number): number => all.reduce((sum, one) => sum + pick(one), 0);
  const waiting = { messages: total((one) => one.waiting.messages), bytes: total((one) => one.waiting.bytes) };
  const bytesPerSecond = total((one) => one.bytesPerSecond);
  return {
    link: book.link.state,
    linkSince: new Date(book.link.sinceMs).toISOString(),
    waiting,
    sent: { messages: total((one) => one.sent.messages), bytes: total((one) => one.sent.bytes) },
    messagesPerSecond: total((one) => one.messagesPerSecond),
    bytesPerSecond,
    oldestAgeSeconds: Math.max(0, ...all.map((one) => one.oldestAgeSeconds)),
    ...(waiting.messages === 0 ? { secondsLeft: 0 } : bytesPerSecond > 0 ? { secondsLeft: Math.ceil(waiting.bytes / bytesPerSecond) } : {}),
    givenUp: { messages: sumOf(state, "messages"), bytes: sumOf(state, "bytes") },
    unproven: book.unproven,
    topics,
  };
}

function sumOf(state: RelayState, what: "messages" | "bytes"): number {
  return state.givenUp.reduce((sum, run) => sum + run[what], 0);
}

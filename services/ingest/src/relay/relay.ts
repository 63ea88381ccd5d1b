import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { type Bus, openRelayTarget, type RelayTarget, type Subscription } from "@yunwei/bus";
import type { Logger } from "@yunwei/service-kit";
import { type BacklogVerdict, judgeBacklog, RELAY_CLASSES } from "./backlog-guard.ts";
import { GatedBus } from "./gated-bus.ts";
import { RateCap } from "./rate-cap.ts";
import { RelayBook } from "./relay-book.ts";
import type { RelaySettings } from "./relay-config.ts";
import { RelayGauges } from "./relay-gauges.ts";
import { RelayLane } from "./relay-lane.ts";
import { relayedBytes } from "./relay-origin.ts";
import { RelayState } from "./relay-state.ts";
import { type RelayStatus, relayStatus } from "./relay-status.ts";

export interface RelayOptions {
  /** The embedded bus of this site. */
  readonly bus: Bus;
  /** Its folder: what the relay remembers lies beside the log that it speaks of. */
  readonly folder: string;
  readonly site: string;
  readonly settings: RelaySettings;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

export interface Relay {
  /** The bus for the doors of this process: they are refused when there is no more room for what waits for the core. */
  readonly intake: Bus;
  status(): RelayStatus;
  /** Stops at once; what was under way is found out by the next one. Before the bus. Idempotent. */
  close(): Promise<void>;
}

const GROUP = "relay";
const BATCH = { maxMessages: 2_000, maxBytes: 1024 * 1024, lingerMs: 20 };
const TICK_MS = 1_000;
const SAVE_EVERY_TICKS = 10;
const TELL_EVERY_TICKS = 60;

/** Starts to relay what comes in to the core's Kafka; the link may be down. @throws YunweiError YUNWEI_DATA_FOLDER_CORRUPT (see RelayState) */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const state = await RelayState.open(join(options.folder, "relay.json"));
  const relay = new RunningRelay(options, state);
  await relay.start();
  return relay;
}

class RunningRelay implements Relay {
  readonly intake: Bus;
  readonly #options: RelayOptions;
  readonly #state: RelayState;
  readonly #book: RelayBook;
  readonly #cap: RateCap;
  readonly #stop = new AbortController();
  readonly #targets: RelayTarget[] = [];
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #gauges: RelayGauges;
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;
  #ticking: Promise<void> = Promise.resolve();
  #freeBytes: number | undefined;
  #refused: ReadonlySet<string> = new Set();
  #closed: Promise<void> | undefined;

  constructor(options: RelayOptions, state: RelayState) {
    this.#options = options;
    this.#state = state;
    const { settings, nowMs } = options;
    this.#book = new RelayBook(
      RELAY_CLASSES.map(({ topic }) => topic),
      nowMs(),
    );
    this.#cap = new RateCap({ ...settings, nowMs, signal: this.#stop.signal });
    this.#gauges = new RelayGauges(() => this.status());
    this.intake = new GatedBus(options.bus, {
      isRefused: (topic) => this.#judge().refused.has(topic),
      took: (topic, messages) => {
        if (this.#book.topics.has(topic)) this.#book.took(topic, messages.length, sumOf(messages));
      },
    });
  }

  async start(): Promise<void> {
    for (const { topic } of RELAY_CLASSES) await this.#follow(topic);
    await this.#tick();
    this.#timer = setInterval(() => {
      this.#ticking = this.#ticking.then(() => this.#tick());
    }, TICK_MS);
    this.#timer.unref();
  }

  async #follow(topic: string): Promise<void> {
    const { bus, settings, site, logger, nowMs } = this.#options;
    // One for each topic: a broker answers the requests of a connection in turn.
    const target = await openRelayTarget(settings.connection);
    this.#targets.push(target);
    const common = { origin: { site, log: this.#state.log }, target, state: this.#state, cap: this.#cap, book: this.#book, logger, nowMs };
    const mustGiveUp = (): boolean => this.#judge().giveUp === topic;
    const lanes = new Map<number, RelayLane>();
    const subscription = await bus.subscribe({ topic, groupId: GROUP, ...BATCH }, async (batch) => {
      const { partition } = batch[0]!;
      const lane = lanes.get(partition) ?? new RelayLane({ ...common, topic, partition, mustGiveUp, signal: this.#stop.signal });
      lanes.set(partition, lane);
      await lane.forward(batch);
    });
    this.#subscriptions.set(topic, subscription);
  }

  #judge(): BacklogVerdict {
    const waitingBytes = new Map([...this.#book.topics].map(([topic, { waiting }]) => [topic, waiting.bytes]));
    return judgeBacklog(this.#options.settings, { waitingBytes, freeBytes: this.#freeBytes });
  }

  async #tick(): Promise<void> {
    const { nowMs, logger, folder } = this.#options;
    try {
      const disk = await statfs(folder).catch(() => undefined);
      this.#freeBytes = disk === undefined ? undefined : disk.bavail * disk.bsize;
      for (const [topic, subscription] of this.#subscriptions) await this.#settle(topic, await subscription.lag());
      this.#book.tick(nowMs());
      this.#tellRefusals();
      this.#ticks++;
      if (this.#ticks % SAVE_EVERY_TICKS === 0) await this.#state.save();
      if (this.#ticks % TELL_EVERY_TICKS === 0 && (this.#book.link.state !== "up" || this.status().waiting.bytes > 0)) {
        logger.info({ relay: this.status() }, "progress of the relay to the core");
      }
    } catch (error) {
      logger.warn({ err: error }, "the relay could not write down how far it is; it goes on");
    }
  }

  async #settle(topic: string, lag: number): Promise<void> {
    const { seen } = this.#book.of(topic);
    if (seen.messages > 0) this.#state.setMeanBytes(topic, seen.bytes / seen.messages);
    this.#book.settle(topic, lag, this.#state.meanBytes(topic));
  }

  #tellRefusals(): void {
    const { refused } = this.#judge();
    const { logger } = this.#options;
    if (refused.size > this.#refused.size) {
      logger.error(
        { refused: [...refused], relay: this.status(), freeBytes: this.#freeBytes },
        "no room for what waits for the core: new telemetry is refused with 503",
      );
    } else if (refused.size === 0 && this.#refused.size > 0) logger.info("there is room for what waits for the core again: telemetry is taken in");
    this.#refused = refused;
  }

  status(): RelayStatus {
    return relayStatus(this.#book, this.#state, this.#judge().refused, this.#options.nowMs());
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      clearInterval(this.#timer);
      this.#gauges.close();
      this.#stop.abort(new Error("the relay is closing"));
      await Promise.all(this.#targets.map((target) => target.close()));
      await Promise.all([...this.#subscriptions.values()].map((subscription) => subscription.close()));
      await this.#ticking;
      await this.#state.save().catch((error: unknown) => this.#options.logger.warn({ err: error }, "the relay could not write down how far it is"));
    })();
    return this.#closed;
  }
}

function sumOf(messages: readonly Parameters<typeof relayedBytes>[0][]): number {
  return messages.reduce((sum, message) => sum + relayedBytes(message), 0);
}

import type { BatchHandler } from "../bus.ts";
import { HandledBatches } from "../kafka/handled-batches.ts";
import type { GroupMember, MemberOptions } from "../kafka/kafka-driver.ts";
import { reasonOf } from "../kafka/kafka-errors.ts";
import { pause, within } from "../kafka/pause.ts";
import { ConsumerSession } from "./consumer-session.ts";
import type { KafkaJsCluster } from "./kafkajs-cluster.ts";

const RETRY_MS = 500;

/** A member of a group for as long as it is subscribed: a consumer that kafkajs has given up is followed by a new one. */
export class KafkaJsMember implements GroupMember {
  readonly #cluster: KafkaJsCluster;
  readonly #options: MemberOptions;
  readonly #handler: BatchHandler;
  readonly #assigned = Promise.withResolvers<void>();
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(cluster: KafkaJsCluster, options: MemberOptions, handler: BatchHandler) {
    this.#cluster = cluster;
    this.#options = options;
    this.#handler = handler;
  }

  async start(limitMs: number): Promise<void> {
    this.#running = this.#run();
    await within(this.#assigned.promise, limitMs, this.#stop.signal);
  }

  async #run(): Promise<void> {
    const { groupId, topic, onTrouble } = this.#options;
    const handled = new HandledBatches();
    while (!this.#stop.signal.aborted) {
      const session = new ConsumerSession(this.#cluster, this.#options, this.#handler, handled, () => this.#assigned.resolve());
      try {
        await session.open();
        await within(session.ended, Number.POSITIVE_INFINITY, this.#stop.signal);
      } catch (error) {
        onTrouble(`group ${groupId}: joining for ${topic} failed: ${reasonOf(error)}`);
      }
      // The new consumer must not begin while the handler still works on what the old one brought.
      await session.close();
      await pause(RETRY_MS, this.#stop.signal);
    }
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}

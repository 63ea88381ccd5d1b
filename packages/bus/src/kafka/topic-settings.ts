import type { TopicContract } from "@yunwei/schemas";

/** Above our own limit of a message, so that a batch of one message with its key and headers always fits. */
const BATCH_LIMIT_BYTES = 2 * 1024 * 1024;
const MOST_REPLICAS = 3;

export interface TopicSettings {
  readonly replicas: number;
  readonly configs: { name: string; value: string }[];
}

/** How many copies a topic of ours gets on so many brokers, and its settings. */
export function topicSettings(contract: TopicContract, brokers: number): TopicSettings {
  const replicas = Math.min(MOST_REPLICAS, brokers);
  const configs = {
    "retention.ms": contract.retentionHours * 3_600_000,
    "retention.bytes": contract.retentionBytes,
    "max.message.bytes": BATCH_LIMIT_BYTES,
    // With three copies an acknowledgement means two: one broker may die at any moment and nothing is lost.
    "min.insync.replicas": replicas >= MOST_REPLICAS ? 2 : 1,
  };
  return { replicas, configs: Object.entries(configs).map(([name, value]) => ({ name, value: String(value) })) };
}

import type { BatchHandler } from "../bus.ts";
import type { GroupMember, KafkaDriver, MemberOptions, TopicSender } from "../kafka/kafka-driver.ts";
import { KafkaJsCluster } from "./kafkajs-cluster.ts";
import { KafkaJsMember } from "./kafkajs-member.ts";
import { KafkaJsSender } from "./kafkajs-sender.ts";

/** Kafka over kafkajs: the classic group protocol, so every broker since 0.11. */
export class KafkaJsDriver extends KafkaJsCluster implements KafkaDriver {
  sender(topic: string): TopicSender {
    return new KafkaJsSender(topic, this.connection);
  }

  member(options: MemberOptions, handler: BatchHandler): GroupMember {
    return new KafkaJsMember(this, options, handler);
  }
}

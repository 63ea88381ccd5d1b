import type { BatchHandler } from "../bus.ts";
import type { GroupMember, KafkaDriver, MemberOptions, TopicSender } from "../kafka/kafka-driver.ts";
import { GroupSubscription } from "./group-subscription.ts";
import { PlatformaticCluster } from "./platformatic-cluster.ts";
import { PlatformaticSender } from "./platformatic-sender.ts";

/** Kafka over the wire protocol of `@platformatic/kafka`; brokers of Apache Kafka 4.0 or newer. */
export class PlatformaticDriver extends PlatformaticCluster implements KafkaDriver {
  sender(topic: string): TopicSender {
    return new PlatformaticSender(topic, this);
  }

  member(options: MemberOptions, handler: BatchHandler): GroupMember {
    return new GroupSubscription(this, options, handler);
  }
}

import { type SecurePlace, secureProperties } from "./secure-door.ts";

export interface BrokerPlaces {
  readonly brokerPort: number;
  readonly controllerPort: number;
  readonly dataFolder: string;
  /** Where clients are told to connect, e.g. the port of a FaultyLink in front of the broker; default: the broker's own. */
  readonly advertisedPort?: number;
  readonly secure?: SecurePlace;
}

/** How long the broker of the tests waits for a silent consumer before it gives its partitions away. */
export const CONSUMER_SESSION_MS = 3_000;

/**
 * server.properties of one broker that is its own controller: everything kept once, topics made only on demand, groups
 * quick to notice a member come and go (the defaults, 5 s and 45 s, are for wide networks, not for tests).
 */
export function brokerProperties({ brokerPort, controllerPort, dataFolder, advertisedPort = brokerPort, secure }: BrokerPlaces): string {
  const secureListener = secure === undefined ? "" : `,SECURE://127.0.0.1:${secure.port}`;
  const properties: Record<string, string | number | boolean> = {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.quorum.voters": `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${brokerPort},CONTROLLER://127.0.0.1:${controllerPort}${secureListener}`,
    "advertised.listeners": `PLAINTEXT://127.0.0.1:${advertisedPort}${secureListener}`,
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL",
    "log.dirs": dataFolder,
    "auto.create.topics.enable": false,
    "controlled.shutdown.enable": false,
    // A killed broker may come back only when the controller has given it up.
    "broker.session.timeout.ms": 1_000,
    "broker.heartbeat.interval.ms": 250,
    "offsets.topic.num.partitions": 1,
    "offsets.topic.replication.factor": 1,
    "transaction.state.log.num.partitions": 1,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "share.coordinator.state.topic.num.partitions": 1,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    "group.initial.rebalance.delay.ms": 0,
    "group.min.session.timeout.ms": 1_000,
    "group.consumer.min.session.timeout.ms": 1_000,
    "group.consumer.session.timeout.ms": CONSUMER_SESSION_MS,
    "group.consumer.min.heartbeat.interval.ms": 100,
    "group.consumer.heartbeat.interval.ms": 100,
    ...(secure === undefined ? {} : secureProperties(secure)),
  };
  return `${Object.entries(properties)
    .map(([name, value]) => `${name}=${value}`)
    .join("\n")}\n`;
}

import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TopicContract, YunweiError } from "@yunwei/schemas";
import type { BatchHandler, Bus, BusMessage, SubscribeOptions, Subscription } from "../bus.ts";
import { partitionOfKey } from "../partition-of-key.ts";
import { OffsetFile } from "./offset-file.ts";
import { PartitionConsumer } from "./partition-consumer.ts";
import { PartitionLog, partitionFolder } from "./partition-log.ts";

export interface EmbeddedBusOptions {
  /** Holds everything; one process at a time (the standalone locks its data folder). */
  readonly folder: string;
  /** Told of redeliveries, mended tails and damaged bytes; default: silence. */
  readonly onTrouble?: (message: string) => void;
  /** Size at which a segment is closed; default 64 MiB. */
  readonly segmentBytes?: number;
}

/** As Kafka's default `message.max.bytes`, so that what fits here fits there. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;
const RETENTION_EVERY_MS = 60_000;

interface Member {
  readonly options: SubscribeOptions;
  readonly handler: BatchHandler;
  consumers: PartitionConsumer[];
}

/** Opens the durable bus on local disk. @throws YunweiError YUNWEI_DATA_FOLDER_CORRUPT when its list of topics cannot be read */
export async function openEmbeddedBus(options: EmbeddedBusOptions): Promise<EmbeddedBus> {
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const bus = new EmbeddedBus(options);
  await bus.openTopics();
  return bus;
}

/** Durable partitioned log on local disk with consumer groups inside one process; the Bus of the standalone. */
export class EmbeddedBus implements Bus {
  readonly #options: EmbeddedBusOptions;
  readonly #topics = new Map<string, { contract: TopicContract; logs: PartitionLog[] }>();
  readonly #groups = new Map<string, Member[]>();
  readonly #retention: NodeJS.Timeout;
  #closed: Promise<void> | undefined;
  #assigning: Promise<void> = Promise.resolve();

  constructor(options: EmbeddedBusOptions) {
    this.#options = options;
    this.#retention = setInterval(() => void this.retain(Date.now()), RETENTION_EVERY_MS);
    this.#retention.unref();
  }

  #trouble(message: string): void {
    this.#options.onTrouble?.(message);
  }

  /** Opens the topics of an earlier run. */
  async openTopics(): Promise<void> {
    const path = join(this.#options.folder, "topics.json");
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "[]";
      throw error;
    });
    let contracts: TopicContract[];
    try {
      contracts = JSON.parse(text) as TopicContract[];
    } catch (error) {
      throw new YunweiError(
        "YUNWEI_DATA_FOLDER_CORRUPT",
        `${path} is not JSON: restore it from a backup, or move the folder ${this.#options.folder} away to start with an empty bus`,
        { cause: error },
      );
    }
    for (const contract of contracts) await this.#openTopic(contract);
  }

  async #openTopic(contract: TopicContract): Promise<void> {
    const limits = {
      segmentBytes: this.#options.segmentBytes ?? 64 * 1024 * 1024,
      retentionMs: contract.retentionHours * 3_600_000,
      retentionBytes: contract.retentionBytes,
    };
    const logs: PartitionLog[] = [];
    for (let partition = 0; partition < contract.partitions; partition++) {
      const folder = partitionFolder(this.#options.folder, contract.name, partition);
      logs.push(await PartitionLog.open(folder, contract.name, partition, limits, (message) => this.#trouble(message)));
    }
    this.#topics.set(contract.name, { contract, logs });
  }

  async ensureTopics(topics: readonly TopicContract[]): Promise<void> {
    let changed = false;
    for (const contract of topics) {
      if (this.#topics.has(contract.name)) continue;
      await this.#openTopic(contract);
      changed = true;
    }
    if (!changed) return;
    const path = join(this.#options.folder, "topics.json");
    await writeFile(
      `${path}.new`,
      JSON.stringify(
        [...this.#topics.values()].map((topic) => topic.contract),
        undefined,
        1,
      ),
      { mode: 0o600, flush: true },
    );
    await rename(`${path}.new`, path);
  }

  #logsOf(topic: string): PartitionLog[] {
    const found = this.#topics.get(topic);
    if (found === undefined) throw new YunweiError("YUNWEI_BUS_UNAVAILABLE", `topic ${topic} does not exist: create it with ensureTopics`);
    return found.logs;
  }

  async publish(topic: string, messages: readonly BusMessage[]): Promise<void> {
    const logs = this.#logsOf(topic);
    const parts = new Map<number, BusMessage[]>();
    for (const message of messages) {
      if (message.value.length > MAX_MESSAGE_BYTES) {
        throw new YunweiError(
          "YUNWEI_BUS_MESSAGE_TOO_LARGE",
          `a message of ${message.value.length} bytes is over the ${MAX_MESSAGE_BYTES} that the bus takes; send smaller batches`,
        );
      }
      const partition = partitionOfKey(message.key, logs.length);
      const part = parts.get(partition);
      if (part === undefined) parts.set(partition, [message]);
      else part.push(message);
    }
    await Promise.all([...parts].map(([partition, part]) => logs[partition]!.append(part)));
  }

  async subscribe(options: SubscribeOptions, handler: BatchHandler): Promise<Subscription> {
    this.#logsOf(options.topic);
    const group = `${options.groupId}\n${options.topic}`;
    const member: Member = { options, handler, consumers: [] };
    this.#groups.set(group, [...(this.#groups.get(group) ?? []), member]);
    await this.#assign(group);
    return {
      close: async () => {
        const members = this.#groups.get(group) ?? [];
        if (!members.includes(member)) return;
        this.#groups.set(
          group,
          members.filter((other) => other !== member),
        );
        await this.#assign(group, member);
      },
      lag: async () => this.#lagOf(options),
    };
  }

  async #lagOf(options: SubscribeOptions): Promise<number> {
    const members = this.#groups.get(`${options.groupId}\n${options.topic}`) ?? [];
    return members.flatMap((member) => member.consumers).reduce((sum, consumer) => sum + consumer.lag, 0);
  }

  /** Deals the partitions of a group's topic out to its members, one change at a time; each moved partition finishes its batch first. */
  #assign(group: string, leaving?: Member): Promise<void> {
    this.#assigning = this.#assigning.then(async () => {
      const members = this.#groups.get(group) ?? [];
      const affected = leaving === undefined ? members : [...members, leaving];
      await Promise.all(affected.flatMap((member) => member.consumers.map((consumer) => consumer.close())));
      for (const member of affected) member.consumers = [];
      if (members.length === 0 || this.#closed !== undefined) return;
      const topic = members[0]!.options.topic;
      for (const [partition, log] of this.#logsOf(topic).entries()) {
        const member = members[partition % members.length]!;
        const offsets = await OffsetFile.open(this.#offsetPath(member.options.groupId, topic, partition));
        member.consumers.push(new PartitionConsumer(log, partition, offsets, member.options, member.handler, (message) => this.#trouble(message)));
      }
    });
    return this.#assigning;
  }

  #offsetPath(groupId: string, topic: string, partition: number): string {
    return join(this.#options.folder, "offsets", topic, String(partition), `${encodeURIComponent(groupId)}.offset`);
  }

  /** Deletes expired segments that every group that ever committed has passed. Runs by itself every minute. */
  async retain(nowMs: number): Promise<void> {
    for (const [topic, { logs }] of this.#topics) {
      for (const [partition, log] of logs.entries()) {
        try {
          await log.retain(nowMs, await this.#consumedTo(topic, partition));
        } catch (error) {
          this.#trouble(`retention of ${topic}/${partition} failed: ${String(error)}`);
        }
      }
    }
  }

  async #consumedTo(topic: string, partition: number): Promise<number> {
    const folder = join(this.#options.folder, "offsets", topic, String(partition));
    const names = await readdir(folder).catch(() => [] as string[]);
    let least = Number.POSITIVE_INFINITY;
    for (const name of names) {
      const file = await OffsetFile.open(join(folder, name));
      least = Math.min(least, file.next ?? 0);
      await file.close();
    }
    return least;
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      clearInterval(this.#retention);
      await this.#assigning;
      const members = [...this.#groups.values()].flat();
      await Promise.all(members.flatMap((member) => member.consumers.map((consumer) => consumer.close())));
      for (const { logs } of this.#topics.values()) for (const log of logs) await log.close();
    })();
    return this.#closed;
  }
}

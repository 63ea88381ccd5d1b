import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openServerStore, type Store } from "@yunwei/store";
import {
  type ClickHouseServer,
  FaultyLink,
  type KafkaBroker,
  mountSmallDisk,
  type SmallDisk,
  SpawnedIngest,
  startClickHouse,
  startKafka,
} from "@yunwei/testkit";
import { KeptProcess, type Runner } from "./kept-process.ts";
import type { ChaosEvent, Possibility } from "./plan-events.ts";
import type { Stage } from "./stage.ts";
import { countStored } from "./stored-items.ts";

const SHORT: readonly [number, number] = [300, 3_000];
/** Longer than a group waits for a silent member: the frozen process is put out and does not know it. */
const FROZEN: readonly [number, number] = [4_500, 9_000];
const CUT: readonly [number, number] = [1_000, 7_000];
/** Past the time that senders wait for an answer. */
const STALLED: readonly [number, number] = [2_000, 12_000];
const FULL: readonly [number, number] = [2_000, 6_000];

interface Parts {
  readonly folder: string;
  readonly token: string;
  readonly kafka: KafkaBroker;
  readonly clickhouse: ClickHouseServer;
  readonly brokerLink: FaultyLink;
  readonly gateways: readonly { readonly process: SpawnedIngest; readonly link: FaultyLink }[];
  readonly writers: readonly SpawnedIngest[];
  readonly disks: Readonly<Record<string, SmallDisk | undefined>>;
  readonly store: Store;
}

/**
 * Two gateways, two writers, one Kafka broker and one ClickHouse (see startClickHouse for what it is), all processes of their
 * own, with links that can be cut between senders and gateways, and between gateways, writers and the broker.
 * @returns why not, where Kafka cannot be had
 */
export async function openClusterStage(seconds: number): Promise<Stage | { readonly skipped: string }> {
  const diskBytes = (512 + seconds) * 1024 * 1024;
  const disks = { "broker-disk": await mountSmallDisk(diskBytes), "clickhouse-disk": await mountSmallDisk(diskBytes) };
  const brokerLink = await FaultyLink.open();
  const kafka = await startKafka({ advertisedPort: brokerLink.port, ...(disks["broker-disk"] === undefined ? {} : { parent: disks["broker-disk"].folder }) });
  if ("skipped" in kafka) {
    await brokerLink.close();
    for (const disk of Object.values(disks)) await disk?.remove();
    return kafka;
  }
  brokerLink.aim(kafka.port);
  const folder = await mkdtemp(join(tmpdir(), "yunwei-chaos-"));
  const token = randomBytes(32).toString("base64url");
  const tokens = join(folder, "ingest-tokens.json");
  await writeFile(tokens, JSON.stringify([{ id: "chaos", sha256: createHash("sha256").update(token).digest("hex") }]));
  const clickhouse = await startClickHouse(disks["clickhouse-disk"]?.folder);
  const variables = { YUNWEI_KAFKA_BROKERS: `127.0.0.1:${brokerLink.port}`, YUNWEI_CLICKHOUSE_URL: clickhouse.url, YUNWEI_INGEST_TOKENS: tokens };
  const spawn = (role: "gateway" | "writer", number: number) => SpawnedIngest.start({ role, folder, name: `${role}-${number}`, variables });
  const writers = [await spawn("writer", 1), await spawn("writer", 2)];
  const gateways = [];
  for (const process of [await spawn("gateway", 1), await spawn("gateway", 2)]) gateways.push({ process, link: await FaultyLink.open(process.otlpPort) });
  const store = await openServerStore({ url: clickhouse.url, requestTimeoutMs: 60_000 });
  return new ClusterStage({ folder, token, kafka, clickhouse, brokerLink, gateways, writers, disks, store });
}

class ClusterStage implements Stage {
  readonly possibilities: readonly Possibility[];
  readonly leftOut: readonly string[];
  readonly crashes: string[] = [];
  readonly #parts: Parts;
  readonly #kept: ReadonlyMap<string, KeptProcess>;
  readonly #ingest: ReadonlyMap<string, SpawnedIngest>;
  readonly #links: ReadonlyMap<string, FaultyLink>;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { kafka, clickhouse, gateways, writers, brokerLink } = parts;
    this.#ingest = new Map([...gateways.map(({ process }) => process), ...writers].map((process) => [process.name, process]));
    const runners: [string, Runner][] = [...this.#ingest, ["broker", runner(kafka)], ["clickhouse", runner(clickhouse)]];
    this.#kept = new Map(runners.map(([name, one]) => [name, new KeptProcess(name, one, (text) => this.crashes.push(text))]));
    this.#links = new Map([["broker-link", brokerLink], ...gateways.map(({ process, link }) => [`${process.name}-link`, link] as const)]);
    this.possibilities = this.#possible();
    this.leftOut = Object.entries(parts.disks).flatMap(([name, disk]) =>
      disk === undefined ? [`fill ${name}: no small file system can be mounted here`] : [],
    );
  }

  #possible(): Possibility[] {
    const each = (targets: Iterable<string>, act: Possibility["act"], forMs: Possibility["forMs"]): Possibility[] =>
      [...targets].map((target) => ({ act, target, forMs }));
    const disks = Object.entries(this.#parts.disks).flatMap(([name, disk]) => (disk === undefined ? [] : [name]));
    return [
      ...each(this.#kept.keys(), "kill", SHORT),
      ...each(["broker", "clickhouse", "writer-1"], "restart", SHORT),
      ...each(["writer-1", "writer-2"], "freeze", FROZEN),
      ...each(this.#links.keys(), "reset", CUT),
      ...each(this.#links.keys(), "stall", STALLED),
      ...each(disks, "fill", FULL),
    ];
  }

  get doors(): string[] {
    return this.#parts.gateways.map(({ link }) => `http://127.0.0.1:${link.port}`);
  }

  get token(): string {
    return this.#parts.token;
  }

  async begin({ act, target }: ChaosEvent): Promise<void> {
    if (act === "reset" || act === "stall") this.#links.get(target)!.cut(act);
    else if (act === "fill") await this.#parts.disks[target]!.fill();
    else if (act === "freeze") this.#ingest.get(target)!.freeze();
    else await this.#kept.get(target)!.down(act === "kill" ? "kill" : "terminate");
  }

  async end({ act, target }: ChaosEvent): Promise<void> {
    if (act === "reset" || act === "stall") this.#links.get(target)!.heal();
    else if (act === "fill") await this.#parts.disks[target]!.free();
    else if (act === "freeze") this.#ingest.get(target)!.thaw();
    else await this.#kept.get(target)!.up();
  }

  async watch(): Promise<void> {
    for (const kept of this.#kept.values()) kept.look();
  }

  async lag(): Promise<number | undefined> {
    for (const writer of this.#parts.writers) {
      const lag = (await writer.health())?.ingestLag;
      if (lag !== undefined) return lag;
    }
    return undefined;
  }

  async stored(): Promise<number | undefined> {
    return countStored(this.#parts.store).catch(() => undefined);
  }

  async openStore(): Promise<Store> {
    return this.#parts.store;
  }

  async close(keepLogs: boolean): Promise<string | undefined> {
    const { folder, kafka, clickhouse, brokerLink, gateways, writers, disks, store } = this.#parts;
    await store.close();
    for (const process of [...gateways.map((gateway) => gateway.process), ...writers]) await process.kill();
    for (const link of [brokerLink, ...gateways.map((gateway) => gateway.link)]) await link.close();
    await kafka.stop();
    await clickhouse.stop();
    for (const disk of Object.values(disks)) await disk?.remove();
    if (keepLogs) return folder;
    await rm(folder, { recursive: true, force: true });
    return undefined;
  }
}

function runner(server: KafkaBroker | ClickHouseServer): Runner {
  return {
    get isRunning() {
      return server.isRunning;
    },
    kill: async () => server.kill(),
    terminate: () => server.terminate(),
    start: () => server.restart(),
  };
}

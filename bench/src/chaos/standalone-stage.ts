import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbeddedStore, type Store } from "@yunwei/store";
import { FaultyLink, mountSmallDisk, type SmallDisk, type SpawnedStandalone, spawnStandalone } from "@yunwei/testkit";
import { KeptProcess, type Runner } from "./kept-process.ts";
import type { ChaosEvent, Possibility } from "./plan-events.ts";
import type { Stage } from "./stage.ts";

const SHORT: readonly [number, number] = [100, 2_000];
const CUT: readonly [number, number] = [1_000, 7_000];
const STALLED: readonly [number, number] = [2_000, 12_000];
const FULL: readonly [number, number] = [2_000, 6_000];
const NAME = "standalone";

/** All services in one process on EmbeddedBus and the embedded ClickHouse, each on a small disk of its own where one can be mounted. */
export async function openStandaloneStage(seconds: number): Promise<Stage> {
  const diskBytes = (512 + seconds) * 1024 * 1024;
  const disks = { "bus-disk": await mountSmallDisk(diskBytes), "clickhouse-disk": await mountSmallDisk(diskBytes) };
  const folder = await mkdtemp(join(tmpdir(), "yunwei-chaos-"));
  for (const [name, disk] of [
    ["bus", disks["bus-disk"]],
    ["clickhouse", disks["clickhouse-disk"]],
  ] as const) {
    if (disk === undefined) continue;
    await mkdir(join(disk.folder, name), { mode: 0o700 });
    await symlink(join(disk.folder, name), join(folder, name));
  }
  const stage = new StandaloneStage(folder, disks, await FaultyLink.open());
  await stage.start();
  return stage;
}

class StandaloneStage implements Stage, Runner {
  readonly leftOut: readonly string[];
  readonly crashes: string[] = [];
  readonly #folder: string;
  readonly #disks: Readonly<Record<string, SmallDisk | undefined>>;
  readonly #link: FaultyLink;
  readonly #kept: KeptProcess;
  #process: SpawnedStandalone | undefined;
  #store: Store | undefined;

  constructor(folder: string, disks: Readonly<Record<string, SmallDisk | undefined>>, link: FaultyLink) {
    this.#folder = folder;
    this.#disks = disks;
    this.#link = link;
    this.#kept = new KeptProcess(NAME, this, (text) => this.crashes.push(text));
    this.leftOut = Object.entries(disks).flatMap(([name, disk]) => (disk === undefined ? [`fill ${name}: no small file system can be mounted here`] : []));
  }

  get possibilities(): Possibility[] {
    const disks = Object.entries(this.#disks).flatMap(([target, disk]): Possibility[] => (disk === undefined ? [] : [{ act: "fill", target, forMs: FULL }]));
    return [
      { act: "kill", target: NAME, forMs: SHORT },
      { act: "restart", target: NAME, forMs: SHORT },
      { act: "reset", target: "link", forMs: CUT },
      { act: "stall", target: "link", forMs: STALLED },
      ...disks,
    ];
  }

  get doors(): string[] {
    return [`http://127.0.0.1:${this.#link.port}`];
  }

  get token(): string {
    return this.#process!.ingestToken;
  }

  get isRunning(): boolean {
    const child = this.#process?.child;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  async start(): Promise<void> {
    const started = await spawnStandalone({ dataFolder: this.#folder, variables: { YUNWEI_LOG_LEVEL: "warn" }, ownGroup: true });
    this.#process = started;
    this.#link.aim(Number(new URL(started.otlp).port));
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  async terminate(): Promise<void> {
    await this.#process?.stop();
  }

  async begin({ act, target }: ChaosEvent): Promise<void> {
    if (act === "reset" || act === "stall") this.#link.cut(act);
    else if (act === "fill") await this.#disks[target]!.fill();
    else await this.#kept.down(act === "kill" ? "kill" : "terminate");
  }

  async end({ act, target }: ChaosEvent): Promise<void> {
    if (act === "reset" || act === "stall") this.#link.heal();
    else if (act === "fill") await this.#disks[target]!.free();
    else await this.#kept.up();
  }

  async watch(): Promise<void> {
    this.#kept.look();
  }

  async lag(): Promise<number | undefined> {
    try {
      const response = await fetch(`${this.#process!.console}/health`, { signal: AbortSignal.timeout(2_000) });
      return ((await response.json()) as { ingestLag?: number }).ingestLag;
    } catch {
      return undefined;
    }
  }

  /** The process has the store to itself: only the end tells. */
  async stored(): Promise<undefined> {
    return undefined;
  }

  async openStore(): Promise<Store> {
    await this.#kept.down("terminate");
    this.#store = await openEmbeddedStore({ folder: join(this.#folder, "clickhouse") });
    return this.#store;
  }

  async close(keepLogs: boolean): Promise<string | undefined> {
    await this.#store?.close();
    await this.#kept.down("kill");
    await this.#link.close();
    for (const disk of Object.values(this.#disks)) await disk?.remove();
    if (keepLogs) return this.#folder;
    await rm(this.#folder, { recursive: true, force: true });
    return undefined;
  }
}

import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbeddedStore, type Store } from "@yunwei/store";
import { FaultyLink, mountSmallDisk, type SmallDisk, type SpawnedStandalone, spawnStandalone } from "@yunwei/testkit";
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

class StandaloneStage implements Stage {
  readonly leftOut: readonly string[];
  readonly crashes: string[] = [];
  readonly #folder: string;
  readonly #disks: Readonly<Record<string, SmallDisk | undefined>>;
  readonly #link: FaultyLink;
  #process: SpawnedStandalone | undefined;
  #down = true;
  #store: Store | undefined;

  constructor(folder: string, disks: Readonly<Record<string, SmallDisk | undefined>>, link: FaultyLink) {
    this.#folder = folder;
    this.#disks = disks;
    this.#link = link;
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

  async start(): Promise<void> {
    this.#down = true;
    const started = await spawnStandalone({ dataFolder: this.#folder, variables: { YUNWEI_LOG_LEVEL: "warn" }, ownGroup: true });
    this.#process = started;
    this.#link.aim(Number(new URL(started.otlp).port));
    void started.ended.then((code) => {
      if (!this.#down && this.#process === started) this.crashes.push(`${NAME} ended by itself with ${code}`);
    });
    this.#down = false;
  }

  async begin({ act, target }: ChaosEvent): Promise<void> {
    if (act === "reset" || act === "stall") this.#link.cut(act);
    else if (act === "fill") await this.#disks[target]!.fill();
    else {
      this.#down = true;
      await (act === "kill" ? this.#process!.kill() : this.#process!.stop());
    }
  }

  async end({ act, target }: ChaosEvent): Promise<void> {
    if (act === "reset" || act === "stall") this.#link.heal();
    else if (act === "fill") await this.#disks[target]!.free();
    else await this.#startAgain();
  }

  /** On a full disk it cannot start: `watch` tries again. */
  async #startAgain(): Promise<void> {
    try {
      await this.start();
    } catch (error) {
      this.crashes.push(error instanceof Error ? error.message : String(error));
      this.#down = false;
    }
  }

  async watch(): Promise<void> {
    const { child } = this.#process!;
    if (this.#down || (child.exitCode === null && child.signalCode === null)) return;
    this.#down = true;
    void this.#startAgain();
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
    this.#down = true;
    await this.#process!.stop();
    this.#store = await openEmbeddedStore({ folder: join(this.#folder, "clickhouse") });
    return this.#store;
  }

  async close(keepLogs: boolean): Promise<string | undefined> {
    this.#down = true;
    await this.#store?.close();
    await this.#process?.kill();
    await this.#link.close();
    for (const disk of Object.values(this.#disks)) await disk?.remove();
    if (keepLogs) return this.#folder;
    await rm(this.#folder, { recursive: true, force: true });
    return undefined;
  }
}

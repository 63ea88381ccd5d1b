import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { FaultyLink, KafkaBroker } from "@yunwei/testkit";
import { expect, it } from "vitest";
import type { Bus } from "../bus.ts";
import type { KafkaDriverName } from "./kafka-bus.ts";

const VICTIM = fileURLToPath(new URL("./kill-consumer.ts", import.meta.url));
const PARTITIONS = 2;
const PER_PUBLISH = 5;
/** After the last fault, until everything that was acknowledged must have been handled. */
const WHOLE_AGAIN_MS = 20_000;

/** A consumer process that can be replaced; what all of its lives have printed they have handled. */
class Victim {
  readonly handled: string[] = [];
  readonly troubles: string[] = [];
  readonly #parameters: readonly string[];
  #child: ChildProcess;

  constructor(parameters: readonly string[]) {
    this.#parameters = parameters;
    this.#child = this.#start();
  }

  #start(): ChildProcess {
    const child = spawn(process.execPath, [VICTIM, ...this.#parameters], { stdio: ["ignore", "pipe", "pipe"] });
    linesOf(child.stdout!, this.handled);
    linesOf(child.stderr!, this.troubles);
    return child;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, "close");
    this.#child.kill("SIGKILL");
    await closed;
  }

  async replace(): Promise<void> {
    await this.end();
    this.troubles.push("--- a new process");
    this.#child = this.#start();
  }
}

function linesOf(stream: NodeJS.ReadableStream, into: string[]): void {
  let rest = "";
  stream.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    into.push(...lines);
  });
}

/** Numbers in [0, 1) that only the seed decides (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Each breaks one thing, and has mended it when it resolves; the same thing is not broken twice at a time. */
function faultsOf(broker: KafkaBroker, link: FaultyLink, victims: readonly Victim[], random: () => number): readonly (() => Promise<void>)[] {
  const busy = new Set<unknown>();
  const alone = async (what: unknown, work: () => Promise<void>): Promise<void> => {
    if (busy.has(what)) return;
    busy.add(what);
    await work();
    busy.delete(what);
  };
  const between = (least: number, most: number): number => least + (most - least) * random();
  const victim = (): Victim => victims[Math.floor(random() * victims.length)]!;
  const cut = (fault: "stall" | "reset", ms: number): Promise<void> =>
    alone(link, async () => {
      link.cut(fault);
      await sleep(ms);
      link.heal();
    });
  const killBroker = (ms: number): Promise<void> =>
    alone(broker, async () => {
      broker.kill();
      await sleep(ms);
      await broker.restart();
    });
  const freeze = async (one: Victim, ms: number): Promise<void> => {
    one.signal("SIGSTOP");
    await sleep(ms);
    one.signal("SIGCONT");
  };
  return [
    () => cut("stall", between(500, 5_000)),
    () => cut("reset", between(200, 2_000)),
    () => killBroker(between(100, 1_500)),
    () => victim().replace(),
    () => victim().replace(),
    () => freeze(victim(), between(1_000, 5_000)),
    async () => victim().signal("SIGTERM"),
  ];
}

export interface LivenessOptions {
  readonly driver: KafkaDriverName;
  readonly broker: KafkaBroker;
  /** In front of the broker, which tells clients to come this way. */
  readonly link: FaultyLink;
  readonly seed: number;
  /** For how long things are broken. */
  readonly faultsMs: number;
  /** A bus over the link. */
  readonly open: () => Promise<Bus>;
}

/**
 * Whatever broke before: once all is whole, everything goes on. Faults come two at a time, as they do: a link that hangs while
 * the broker dies, a member that is put out while its answer is on the way.
 */
export function kafkaLiveness({ driver, broker, link, seed, faultsMs, open }: LivenessOptions): void {
  it(`KafkaBus on ${driver} delivers everything soon after the last of many faults (seed ${seed})`, async () => {
    const random = randomOf(seed);
    const bus = await open();
    const topic = `liveness-${driver}-${seed}-${process.pid}`;
    await bus.ensureTopics([{ name: topic, producer: "test", consumers: [], partitions: PARTITIONS, retentionHours: 1, retentionBytes: 1 << 30 }]);
    const victims = [0, 1].map(() => new Victim([driver, `127.0.0.1:${link.port}`, topic, "g"]));
    const acknowledged: string[] = [];
    let publishing = true;
    const publisher = (async () => {
      for (let i = 0; publishing; i++) {
        const values = Array.from({ length: PER_PUBLISH }, (_, j) => `${i}-${j}`);
        await bus.publish(
          topic,
          values.map((value) => ({ key: value, value: Buffer.from(value) })),
        );
        acknowledged.push(...values);
        await sleep(20);
      }
    })();
    const handled = (): Set<string> => new Set(victims.flatMap((victim) => victim.handled));
    const missing = (): number => {
      const there = handled();
      return acknowledged.filter((value) => !there.has(value)).length;
    };
    await expect.poll(() => handled().size, { timeout: 40_000 }).toBeGreaterThan(20);
    const faults = faultsOf(broker, link, victims, random);
    const endMs = Date.now() + faultsMs;
    const breaker = async (): Promise<void> => {
      while (Date.now() < endMs) {
        await faults[Math.floor(random() * faults.length)]!();
        await sleep(1_500 * random());
      }
    };
    await Promise.all([breaker(), breaker()]);
    await Promise.all(victims.map((one) => one.replace()));
    await sleep(1_000);
    publishing = false;
    await publisher;
    try {
      await expect.poll(missing, { timeout: WHOLE_AGAIN_MS, interval: 200 }).toBe(0);
    } catch (error) {
      for (const one of victims) process.stderr.write(`a consumer told\n  ${one.troubles.slice(-40).join("\n  ")}\n`);
      throw error;
    } finally {
      await Promise.all(victims.map((one) => one.end()));
      await bus.close();
    }
  });
}

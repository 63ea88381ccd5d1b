import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openEmbeddedBus } from "@yunwei/bus";
import { TOPICS } from "@yunwei/schemas";
import { createLogger } from "@yunwei/service-kit";
import { RELAY_CLASSES } from "./backlog-guard.ts";
import { type Relay, startRelay } from "./relay.ts";
import type { RelaySettings } from "./relay-config.ts";

/** The topics that are relayed, as they are made on both sides. */
export const RELAYED_TOPICS = TOPICS.filter(({ name }) => RELAY_CLASSES.some(({ topic }) => topic === name));

export function relaySettings(brokers: readonly string[], more: Partial<RelaySettings> = {}): RelaySettings {
  return {
    connection: { brokers, clientId: "relay" },
    maxBytesPerSecond: 0,
    maxMessagesPerSecond: 0,
    maxBacklogBytes: 0,
    minFreeBytes: 0,
    whenFull: "refuse",
    ...more,
  };
}

/** A bus in `folder` and its relay, in this process. */
export async function openCity(folder: string, settings: RelaySettings, nowMs: () => number = Date.now) {
  const bus = await openEmbeddedBus({ folder });
  await bus.ensureTopics(RELAYED_TOPICS);
  const relay: Relay = await startRelay({ bus, folder, site: "suzhou", settings, logger: createLogger("relay", "silent"), nowMs });
  return {
    bus,
    relay,
    close: async () => {
      await relay.close();
      await bus.close();
    },
  };
}

/** The same in a process of its own that takes in messages without a pause, to be killed. It prints how many it has taken in. */
export class CityProcess {
  readonly #child: ChildProcess;
  #text = "";

  constructor(folder: string, brokers: readonly string[], run: number) {
    this.#child = spawn(process.execPath, [fileURLToPath(import.meta.url), folder, brokers.join(","), String(run)], { stdio: ["ignore", "pipe", "inherit"] });
    this.#child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      this.#text += text;
    });
  }

  get taken(): number {
    return this.#text.split("\n").length - 1;
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null) throw new Error("the city's process ended by itself");
    const closed = once(this.#child, "close");
    this.#child.kill("SIGKILL");
    await closed;
  }
}

/** Messages of very different sizes under a hundred keys; the value begins with a name that no other message has. */
async function takeIn(folder: string, brokers: readonly string[], run: string): Promise<void> {
  const { relay } = await openCity(folder, relaySettings(brokers));
  for (let i = 0; ; i++) {
    const topic = RELAY_CLASSES[i % RELAY_CLASSES.length]!.topic;
    const size = i % 50 === 0 ? 300_000 : 20 + ((i * 7919) % 3_000);
    const messages = Array.from({ length: 1 + (i % 4) }, (_, j) => ({
      key: `k${(i * 31 + j) % 100}`,
      value: Buffer.from(`${run}-${i}-${j}|`.padEnd(size, "x")),
    }));
    await relay.intake.publish(topic, messages);
    writeSync(1, ".\n");
    await sleep(2);
  }
}

if (import.meta.main) {
  const [, , folder, brokers, run] = process.argv;
  await takeIn(folder!, brokers!.split(","), run!);
}

import { setTimeout as sleep } from "node:timers/promises";
import type { Signal } from "@yunwei/schemas";
import { judgeAccounts } from "./judge-accounts.ts";
import { Load } from "./load.ts";
import type { ChaosEvent } from "./plan-events.ts";
import type { SignalCounts } from "./sent-requests.ts";
import type { Stage } from "./stage.ts";
import { countDeadLetters, judgeStore, type Verdicts } from "./stored-items.ts";

export interface ChaosOptions {
  readonly seconds: number;
  readonly events: readonly ChaosEvent[];
  readonly itemsPerSecond: number;
  /** Aborted by a person: the events end, and the verdict is on what was so far. */
  readonly stop: AbortSignal;
  /** One line a second. */
  readonly tell: (line: string) => void;
}

export interface ChaosResult {
  readonly counts: Readonly<Record<Signal, SignalCounts>>;
  readonly verdicts: Verdicts;
  /** Events as they happened. */
  readonly events: readonly ChaosEvent[];
  readonly crashes: readonly string[];
  /** Answers that a sender should not get, with their number. */
  readonly strange: Readonly<Record<string, number>>;
  readonly deadLetters: number;
  /** What the writer's own books and the tables do not agree on; undefined without books. */
  readonly accounts: readonly string[] | undefined;
  /** False: messages were left when the time to wait for them was over; what they hold counts as lost. */
  readonly drained: boolean;
}

const OPEN_LIMIT_MS = 60_000;
const DRAIN_LIMIT_MS = 180_000;
/** Lag must be 0 for so long: a gateway may still publish what a sender gave up. */
const CALM_MS = 3_000;

/**
 * Plays the events under load, makes everything whole, waits until all is stored, and compares.
 * @throws what an event threw that could not be played; the load has ended then
 */
export async function runChaos(stage: Stage, options: ChaosOptions): Promise<ChaosResult> {
  const { seconds, events, itemsPerSecond, stop, tell } = options;
  const load = new Load({ doors: stage.doors, token: stage.token, itemsPerSecond });
  const startMs = Date.now();
  const happened: ChaosEvent[] = [];
  load.start();
  const progress = new Progress(stage, load, startMs, tell);
  const failed = new AbortController();
  const over = AbortSignal.any([stop, failed.signal]);
  try {
    await Promise.all([
      ...events.map((event) => play(stage, event, startMs, over, progress, happened)),
      sleep(seconds * 1_000, undefined, { signal: stop }).catch(() => undefined),
    ]);
  } catch (error) {
    failed.abort();
    await Promise.all([load.stop(0), progress.stop()]);
    throw error;
  }
  progress.say("all is whole again; waiting for what is open");
  await load.stop(OPEN_LIMIT_MS);
  const drained = await drain(stage);
  progress.say(drained ? "all is stored" : "not all was stored in time");
  await progress.stop();
  const store = await stage.openStore();
  const verdicts = await judgeStore(store, load.sent);
  return {
    counts: { metrics: load.sent.counts("metrics"), logs: load.sent.counts("logs"), traces: load.sent.counts("traces") },
    verdicts,
    events: happened.sort((one, other) => one.atMs - other.atMs),
    crashes: stage.crashes,
    strange: Object.fromEntries(load.strange),
    deadLetters: await countDeadLetters(store),
    accounts: await judgeAccounts(store, verdicts),
    drained,
  };
}

async function play(stage: Stage, event: ChaosEvent, startMs: number, stop: AbortSignal, progress: Progress, happened: ChaosEvent[]): Promise<void> {
  const until = (ms: number): Promise<boolean> => sleep(Math.max(0, ms), true, { signal: stop }).catch(() => false);
  if (!(await until(startMs + event.atMs - Date.now()))) return;
  happened.push(event);
  progress.say(`${event.act} ${event.target} for ${(event.forMs / 1_000).toFixed(1)} s`);
  await stage.begin(event);
  await until(event.forMs);
  await stage.end(event);
}

async function drain(stage: Stage): Promise<boolean> {
  const deadlineMs = Date.now() + DRAIN_LIMIT_MS;
  let calmSinceMs = Date.now();
  while (Date.now() < deadlineMs) {
    if ((await stage.lag()) !== 0) calmSinceMs = Date.now();
    else if (Date.now() - calmSinceMs >= CALM_MS) return true;
    await sleep(250);
  }
  return false;
}

/** A line a second, with what was said since the last one. */
class Progress {
  readonly #stage: Stage;
  readonly #load: Load;
  readonly #startMs: number;
  readonly #tell: (line: string) => void;
  readonly #timer: NodeJS.Timeout;
  #said: string[] = [];
  #running: Promise<void> | undefined;
  #crashes = 0;

  constructor(stage: Stage, load: Load, startMs: number, tell: (line: string) => void) {
    this.#stage = stage;
    this.#load = load;
    this.#startMs = startMs;
    this.#tell = tell;
    this.#timer = setInterval(() => {
      this.#running ??= this.#line().finally(() => {
        this.#running = undefined;
      });
    }, 1_000);
  }

  say(text: string): void {
    this.#said.push(text);
  }

  async #line(): Promise<void> {
    await this.#stage.watch();
    const stored = await Promise.race([this.#stage.stored(), sleep(800, undefined)]);
    const signals: readonly Signal[] = ["metrics", "logs", "traces"];
    const [sent, acknowledged] = signals
      .map((signal) => this.#load.sent.counts(signal))
      .reduce(([all, taken], counts) => [all + counts.sent, taken + counts.acknowledged], [0, 0]);
    for (const crash of this.#stage.crashes.slice(this.#crashes)) this.#said.push(crash.split("\n")[0]!);
    this.#crashes = this.#stage.crashes.length;
    const seconds = Math.round((Date.now() - this.#startMs) / 1_000);
    const figures = `sent ${pad(sent)}  acked ${pad(acknowledged)}  stored ${stored === undefined ? "       ?" : pad(stored)}`;
    this.#tell(`${String(seconds).padStart(4)} s  ${figures}  ${this.#said.splice(0).join("; ")}`.trimEnd());
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
    if (this.#said.length > 0) await this.#line();
  }
}

function pad(value: number): string {
  return value.toLocaleString("en-US").padStart(8);
}

import type { ChangeMessage, EntityKey } from "@yunwei/schemas";
import { type Estate, machineKey, serviceKey } from "./estate.ts";
import type { FaultPlan } from "./faults/fault.ts";
import { Random, textKey } from "./random.ts";

const MINUTE_MS = 60_000;
/** Innocent changes around a fault, minutes from its onset: the newest one before it is innocent too. */
const DECOY_OFFSETS_MINUTES = [-24, -9, -2.5, -0.1, 0.7];
/** Pause between the innocent changes of an ordinary day. */
const BACKGROUND_MINUTES = [25, 55] as const;
const ACTORS = ["chen.yu", "li.na", "release-bot", "wang.lei", "zhao.min"];

type Kind = ChangeMessage["kind"];

interface Draft {
  readonly kind: Kind;
  readonly title: string;
  readonly entity: EntityKey;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * The change calendar of the estate: innocent changes all day, more of them around a fault, and the guilty one where there
 * is one. Innocent releases ship content and rules, so that they restart nothing.
 */
export class ChangeFeed {
  private readonly estate: Estate;
  private readonly random: Random;
  private readonly all: { readonly startedMs: number; readonly message: ChangeMessage }[] = [];
  private nextBackgroundMs: number;

  constructor(estate: Estate, startMs: number) {
    this.estate = estate;
    this.random = new Random(estate.seed, textKey("changes"));
    this.nextBackgroundMs = startMs + this.random.between(...BACKGROUND_MINUTES) * MINUTE_MS;
  }

  /** Lets ordinary changes happen up to `nowMs` (simulated). */
  advance(nowMs: number): void {
    while (this.nextBackgroundMs <= nowMs) {
      this.add(this.nextBackgroundMs, 4, this.innocent(new Set()));
      this.nextBackgroundMs += this.random.between(...BACKGROUND_MINUTES) * MINUTE_MS;
    }
  }

  /** Plants the changes around a fault. */
  surround(plan: FaultPlan, onsetMs: number): void {
    const guilty = new Set<EntityKey>(plan.entity === undefined ? [] : [plan.entity, ...plan.alternatives]);
    for (const minutes of DECOY_OFFSETS_MINUTES) this.add(onsetMs + minutes * MINUTE_MS, 3, this.innocent(guilty));
    if (plan.change !== undefined) this.add(onsetMs - 20_000, 2, { kind: "deploy", ...plan.change });
  }

  /** Changes that had begun by `nowMs`, oldest first. */
  until(nowMs: number): ChangeMessage[] {
    const begun = this.all.filter((change) => change.startedMs <= nowMs);
    return begun.sort((a, b) => a.startedMs - b.startedMs).map((change) => change.message);
  }

  private add(startedMs: number, minutes: number, draft: Draft): void {
    const { kind, title, entity, labels } = draft;
    const started = BigInt(Math.round(startedMs)) * 1_000_000n;
    const message: ChangeMessage = {
      changeId: `CHG-${(this.estate.seed >>> 0).toString(16)}-${this.all.length + 1}`,
      kind,
      title,
      entities: [entity],
      startedUnixNano: String(started),
      endedUnixNano: String(started + BigInt(Math.round(minutes * MINUTE_MS)) * 1_000_000n),
      actor: this.random.pick(ACTORS),
      labels,
    };
    this.all.push({ startedMs, message });
  }

  /** A change on something that is not among `guilty`. */
  private innocent(guilty: ReadonlySet<EntityKey>): Draft {
    const { estate, random } = this;
    const free = <T>(items: readonly T[], keyOf: (item: T) => EntityKey): T => random.pick(items.filter((item) => !guilty.has(keyOf(item))));
    const services = estate.services.filter((service) => service.dbSystem === undefined);
    const service = free(services, serviceKey);
    const kind = random.pick<Kind>(["deploy", "deploy", "config", "infrastructure", "database"]);
    if (kind === "deploy") {
      const bundle = `content-2026.${random.index(52) + 1}.${random.index(9)}`;
      return { kind, title: `Ship ${bundle} to ${service.id}`, entity: serviceKey(service), labels: { bundle } };
    }
    if (kind === "config") return { kind, title: `Change the log retention of ${service.id}`, entity: serviceKey(service), labels: {} };
    if (kind === "infrastructure") {
      const host = free(estate.machines.slice(0, estate.hostCount), machineKey);
      return { kind, title: `Update the inventory agent on ${host.name}`, entity: machineKey(host), labels: {} };
    }
    const database = free(
      estate.services.filter((candidate) => candidate.dbSystem !== undefined),
      serviceKey,
    );
    return { kind, title: `Add a read-only account to ${database.id}`, entity: serviceKey(database), labels: {} };
  }
}

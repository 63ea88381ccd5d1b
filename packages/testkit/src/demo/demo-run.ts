import type { ChangeMessage, EntityKey, IncidentSnapshot } from "@yunwei/schemas";
import type { EstateSimulator } from "../estate/estate-simulator.ts";
import type { FaultKind, GroundTruth } from "../estate/index.ts";
import type { ApiClient } from "../standalone/api-client.ts";
import { sendOtlp } from "../standalone/otlp-sender.ts";
import type { SpawnedStandalone } from "../standalone/spawn-standalone.ts";

/** Steps of healthy telemetry before the fault: a detector wants at least 30 points of a series. */
export const HISTORY_STEPS = 100;
/** Steps after the fault within which the cause must be named, and the pause between them: 15 simulated seconds each. */
export const FAULT_STEPS = 32;
const STEP_PAUSE_MS = 900;
/** Once a cause is named the run goes on for this many steps: an answer that does not last is none. */
const STEADY_STEPS = 5;
/** Messages that may wait to be stored before the next step of history is sent. */
const MAX_LAG = 400;

/** What a run tells while it goes on. */
export interface DemoProgress {
  history(done: number, all: number): void;
  injected(truth: GroundTruth): void;
  step(done: number, all: number, incidents: readonly IncidentSnapshot[]): void;
}

/** When something happened after the fault: by the data's clock and by ours, seconds. */
export interface Moment {
  readonly simulated: number;
  readonly wall: number;
}

export interface DemoResult {
  readonly fault: FaultKind;
  readonly truth: GroundTruth;
  readonly incidents: readonly IncidentSnapshot[];
  /** The incident whose report names a cause, if any. */
  readonly named: IncidentSnapshot | undefined;
  readonly right: boolean;
  readonly firingAlert: Moment | undefined;
  readonly namedCause: Moment | undefined;
  readonly notification: Moment | undefined;
}

/** Feeds history, injects the fault, and watches what the product says, through its own front doors only. */
export async function runDemo(
  standalone: SpawnedStandalone,
  api: ApiClient,
  simulator: EstateSimulator,
  fault: FaultKind,
  progress: DemoProgress,
): Promise<DemoResult> {
  const run = new Run(standalone, api, simulator);
  for (let step = 1; step <= HISTORY_STEPS; step++) {
    await run.send();
    if (step % 10 === 0) await run.drain(MAX_LAG);
    progress.history(step, HISTORY_STEPS);
  }
  await run.drain(0);
  await run.reportChanges();
  const truth = simulator.inject(fault);
  run.injected(truth);
  progress.injected(truth);
  let steady = 0;
  let incidents: readonly IncidentSnapshot[] = [];
  for (let step = 1; step <= FAULT_STEPS && steady < STEADY_STEPS; step++) {
    await run.send();
    await run.reportChanges();
    await new Promise((resolve) => setTimeout(resolve, STEP_PAUSE_MS));
    incidents = await run.look();
    progress.step(step, FAULT_STEPS, incidents);
    steady = truth.entity !== undefined && run.moments.notification !== undefined && incidents.some(isNamed) ? steady + 1 : 0;
  }
  const named = incidents.filter(isNamed);
  const right = truth.entity === undefined ? named.length === 0 : named.length > 0 && named.every((incident) => isRight(incident, truth));
  return { fault, truth, incidents, named: named[0], right, ...run.moments };
}

export function isNamed(incident: IncidentSnapshot): boolean {
  return incident.report?.verdict === "cause";
}

/** Whether the named cause is the injected one: one of its names, and the kind of failure. */
function isRight(incident: IncidentSnapshot, truth: GroundTruth): boolean {
  const cause = incident.report!.causes[0]!;
  return cause.mode === truth.mode && [truth.entity, ...truth.alternatives].includes(cause.entity as EntityKey);
}

class Run {
  readonly #standalone: SpawnedStandalone;
  readonly #api: ApiClient;
  readonly #simulator: EstateSimulator;
  readonly #reported = new Set<string>();
  #onsetMs = 0;
  #injectedAtMs = 0;
  readonly moments: { firingAlert: Moment | undefined; namedCause: Moment | undefined; notification: Moment | undefined } = {
    firingAlert: undefined,
    namedCause: undefined,
    notification: undefined,
  };

  constructor(standalone: SpawnedStandalone, api: ApiClient, simulator: EstateSimulator) {
    this.#standalone = standalone;
    this.#api = api;
    this.#simulator = simulator;
  }

  async send(): Promise<void> {
    await Promise.all(this.#simulator.step().map(({ signal, body }) => sendOtlp(this.#standalone, signal, body)));
  }

  /** Waits until at most `lag` messages wait to be stored. */
  async drain(lag: number): Promise<void> {
    for (;;) {
      const health = (await (await fetch(`${this.#standalone.console}/health`)).json()) as { ingestLag: number };
      if (health.ingestLag <= lag) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Tells of changes as a deployment tool would: when they begin. */
  async reportChanges(): Promise<void> {
    for (const change of this.#simulator.changes() as readonly ChangeMessage[]) {
      if (this.#reported.has(change.changeId)) continue;
      await this.#api.reportChange(change);
      this.#reported.add(change.changeId);
    }
  }

  injected(truth: GroundTruth): void {
    this.#onsetMs = truth.onsetMs;
    this.#injectedAtMs = performance.now();
  }

  #moment(eventMs: number): Moment {
    return { simulated: Math.round((eventMs - this.#onsetMs) / 1000), wall: Math.round((performance.now() - this.#injectedAtMs) / 100) / 10 };
  }

  async look(): Promise<readonly IncidentSnapshot[]> {
    const incidents = await this.#api.incidents();
    const since = incidents.filter((incident) => Date.parse(incident.startedAt) >= this.#onsetMs - 60_000);
    for (const incident of since) {
      if (this.moments.firingAlert === undefined && incident.groupId !== undefined) {
        const { alerts } = await this.#api.alertGroup(incident.groupId);
        this.moments.firingAlert = this.#moment(Math.min(...alerts.map((alert) => Number(alert.firedUnixNano) / 1e6).filter((ms) => ms > 0)));
      }
      if (isNamed(incident)) this.moments.namedCause ??= this.#moment(this.#simulator.nowMs);
      if (this.moments.notification === undefined && (await this.#api.notifications(incident.incidentId)).some((one) => one.state === "sent"))
        this.moments.notification = this.#moment(this.#simulator.nowMs);
    }
    return incidents;
  }
}

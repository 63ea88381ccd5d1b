import { type RecordSink, type SpanIdentity, type SpanTemplate, writeSpan } from "../otlp-writer/index.ts";
import type { Effects } from "./effects.ts";
import type { Estate, EstateCall, EstateService } from "./estate.ts";
import type { LogBook } from "./log-book.ts";
import type { MachineState } from "./machine-state.ts";
import { NetworkModel } from "./network-model.ts";
import type { ProcessState } from "./process-state.ts";
import { Random } from "./random.ts";
import type { RequestStats } from "./request-stats.ts";
import { buildTraceTemplates, OUTCOME, type Outcome, outcomeText, type TraceTemplates } from "./trace-templates.ts";

/** A call is given up after this long, milliseconds. */
const TIMEOUT_MS = 5000;
/** A connection that nobody answers is given up after this long, milliseconds. */
const CONNECT_TIMEOUT_MS = 2000;
/** Requests that fail in a healthy service. */
const BASE_ERROR_RATIO = 0.00005;
/** Share of calls meant for a dead instance that the client's balancer sends elsewhere. */
const REBALANCED_SHARE = 0.35;
/** A disk this full fails its writes. */
const DISK_FULL = 0.995;
/** Share of requests that write. */
const WRITE_SHARE = 0.5;
const SELF_SIGMA = 0.32;
const MAX_SPANS_PER_TRACE = 256;

/** What the generator reads and where it writes. */
export interface TraceSurroundings {
  readonly estate: Estate;
  readonly effects: Effects;
  readonly machines: MachineState;
  readonly processes: ProcessState;
  readonly served: RequestStats;
  /** Waits for a database connection, by calling instance. */
  readonly poolWaits: RequestStats;
  /** By instance. */
  readonly spans: readonly RecordSink[];
  readonly logs: LogBook;
}

/** Plays requests through the call graph and writes their spans and log lines. */
export class TraceGenerator {
  private readonly around: TraceSurroundings;
  private readonly network: NetworkModel;
  private readonly templates: TraceTemplates;
  private readonly random = new Random();
  private readonly identity: SpanIdentity = { trace: new Uint32Array(4), ids: new Uint32Array(MAX_SPANS_PER_TRACE * 2), span: 0, parent: -1 };
  private readonly logContext = new Uint32Array(6);
  private spanCount = 0;
  /** How the newest served or called request ended. */
  private outcome: Outcome = OUTCOME.ok;

  constructor(around: TraceSurroundings) {
    this.around = around;
    this.network = new NetworkModel(around.estate, around.effects);
    this.templates = buildTraceTemplates(around.estate);
  }

  /** One user's request to `service`, arriving at `arrivalMs` (true time). `key` seeds everything that is random in it. */
  trace(service: EstateService, arrivalMs: number, seed: number, step: number, key: number): void {
    const { random } = this;
    random.reseed(seed, step, service.index, key);
    for (let i = 0; i < 4; i++) this.identity.trace[i] = random.bits();
    this.spanCount = 0;
    const instance = this.pickInstance(service);
    if (!this.around.processes.alive[instance]) return; // the user's browser saw it, no telemetry did
    if (this.around.effects.certificateSeconds[service.index]! <= 0 && random.uniform() < 0.95) {
      this.log(instance, "warn", arrivalMs, "http: TLS handshake error: remote error: tls: expired certificate", -1);
      return;
    }
    this.serve(instance, arrivalMs, -1);
  }

  /** @returns duration in milliseconds; `outcome` says how it went */
  private serve(instance: number, arrivalMs: number, parent: number): number {
    const { estate, effects, processes, served } = this.around;
    const service = estate.services[estate.instances[instance]!.service]!;
    const { random } = this;
    const span = this.newSpanId();
    const selfMs = random.lognormal(service.selfMs, SELF_SIGMA) * this.slowness(instance) * effects.selfFactor[instance]!;
    const ownError = random.uniform() < BASE_ERROR_RATIO + effects.errorRatio[instance]!;
    const diskError = random.uniform() < WRITE_SHARE && this.isDiskFull(instance);
    let nowMs = arrivalMs + selfMs * 0.5;
    let failed = false;
    for (let i = 0; i < service.calls.length; i++) {
      const call = service.calls[i]!;
      if (random.uniform() >= call.share || failed) continue;
      nowMs += this.call(instance, service, call, i, nowMs, span);
      failed = this.outcome !== OUTCOME.ok && !call.optional;
    }
    if (!failed && (ownError || diskError)) {
      failed = true;
      this.logOwnError(instance, service, nowMs, span, diskError);
    }
    const durationMs = nowMs + selfMs * 0.5 - arrivalMs;
    const template = failed ? this.templates.servedBadly[service.index]! : this.templates.served[service.index]!;
    this.write(instance, template, span, parent, arrivalMs, durationMs);
    served.record(instance, durationMs);
    if (processes.alive[instance]) this.logAccess(instance, service, arrivalMs + durationMs, durationMs, span, failed);
    this.outcome = failed ? OUTCOME.failed : OUTCOME.ok;
    return durationMs;
  }

  private call(instance: number, caller: EstateService, call: EstateCall, ordinal: number, startMs: number, parent: number): number {
    const { estate } = this.around;
    const callee = estate.services[call.callee]!;
    const span = this.newSpanId();
    const durationMs = callee.dbSystem === undefined ? this.callService(caller, callee, startMs, span) : this.callDatabase(instance, caller, callee);
    const outcome = this.outcome;
    this.write(instance, this.templates.called[caller.index]![ordinal]![outcome]!, span, parent, startMs, durationMs);
    if (outcome !== OUTCOME.ok) {
      const line = `call to ${callee.id} failed after ${Math.round(durationMs)} ms: ${outcomeText(outcome)}`;
      this.log(instance, call.optional ? "warn" : "error", startMs + durationMs, line, span);
    }
    this.outcome = outcome;
    return durationMs;
  }

  private callService(caller: EstateService, callee: EstateService, startMs: number, span: number): number {
    const { effects, processes } = this.around;
    const { random, network } = this;
    const target = this.pickInstance(callee);
    const way = network.cross(caller.site, callee.site, random);
    const gapMs = network.gapMs;
    if (way !== "ok") return this.fail(OUTCOME.timeout, CONNECT_TIMEOUT_MS * random.between(1, 1.02));
    if (!processes.alive[target]) return this.fail(OUTCOME.refused, gapMs + random.between(0.2, 1));
    if (effects.certificateSeconds[callee.index]! <= 0) return this.fail(OUTCOME.tls, 2 * gapMs + random.between(1, 3));
    const servedMs = this.serve(target, startMs + gapMs * 0.5, span);
    if (servedMs + gapMs > TIMEOUT_MS) return this.fail(OUTCOME.timeout, TIMEOUT_MS);
    return servedMs + gapMs;
  }

  private callDatabase(instance: number, caller: EstateService, database: EstateService): number {
    const { estate, effects, processes, served, poolWaits } = this.around;
    const { random, network } = this;
    const target = database.instances[0]!;
    const { vm } = estate.instances[target]!;
    const waitMs = random.lognormal(0.8, 0.4);
    const lockMs = random.lognormal(450, 0.5) * (random.uniform() < effects.lock[database.index]! ? 1 : 0);
    const readMs = random.between(1, 3) * effects.diskExtraMs[vm]!;
    let workMs = random.lognormal(database.selfMs, 0.35) * this.slowness(target) + lockMs + readMs;
    const writes = random.uniform() < WRITE_SHARE;
    const way = network.cross(caller.site, database.site, random);
    // The pool runs dry when statements are slow: waiting grows with the time that connections are held.
    const queuedMs = waitMs + (workMs > 60 ? 0.3 * workMs : 0);
    poolWaits.record(instance, queuedMs);
    if (way !== "ok") return this.fail(OUTCOME.timeout, CONNECT_TIMEOUT_MS);
    if (!processes.alive[target]) return this.fail(OUTCOME.refused, network.gapMs + random.between(0.2, 1));
    served.record(target, workMs);
    if (writes && this.isDiskFull(target)) {
      workMs *= 0.5;
      return this.fail(OUTCOME.storage, queuedMs + workMs + network.gapMs);
    }
    const totalMs = queuedMs + workMs + network.gapMs;
    if (totalMs > TIMEOUT_MS) return this.fail(OUTCOME.timeout, TIMEOUT_MS);
    this.outcome = OUTCOME.ok;
    return totalMs;
  }

  private fail(outcome: Outcome, durationMs: number): number {
    this.outcome = outcome;
    return durationMs;
  }

  private pickInstance(service: EstateService): number {
    const { random } = this;
    const { alive } = this.around.processes;
    const count = service.instances.length;
    const first = random.index(count);
    const moves = random.uniform() < REBALANCED_SHARE;
    const picked = service.instances[first]!;
    return alive[picked] || !moves ? picked : service.instances[(first + 1) % count]!;
  }

  private slowness(instance: number): number {
    return this.around.machines.slow[this.around.estate.instances[instance]!.vm]!;
  }

  private isDiskFull(instance: number): boolean {
    return this.around.machines.dataUsed[this.around.estate.instances[instance]!.vm]! >= DISK_FULL;
  }

  private newSpanId(): number {
    const at = 2 * Math.min(this.spanCount++, MAX_SPANS_PER_TRACE - 1);
    this.identity.ids[at] = this.random.bits();
    this.identity.ids[at + 1] = this.random.bits() | 1; // an all-zero id is invalid
    return at;
  }

  private write(instance: number, template: SpanTemplate, span: number, parent: number, startMs: number, durationMs: number): void {
    const skewedMs = startMs + this.skewMs(instance);
    this.identity.span = span;
    this.identity.parent = parent;
    writeSpan(this.around.spans[instance]!, template, this.identity, skewedMs, skewedMs + durationMs);
  }

  private skewMs(instance: number): number {
    const { estate } = this.around;
    return estate.sites[estate.machines[estate.instances[instance]!.vm]!.site]!.clockSkewMs;
  }

  private logAccess(instance: number, service: EstateService, endMs: number, durationMs: number, span: number, failed: boolean): void {
    const draw = this.random.uniform();
    const slow = durationMs > 1500 && draw < 0.5;
    if (draw >= 0.12 && !slow) return;
    const level = slow ? "warn" : "info";
    if (this.around.logs.wants(instance, level)) {
      this.log(instance, level, endMs, `${service.route} ${failed ? 500 : 200} ${Math.round(durationMs)} ms`, span);
    }
  }

  private logOwnError(instance: number, service: EstateService, timeMs: number, span: number, diskError: boolean): void {
    const isNew = this.around.effects.newRelease[instance] === 1;
    const reason = diskError ? "write /data/spool: no space left on device" : isNew ? NEW_RELEASE_ERROR : "unexpected end of stream";
    this.log(instance, "error", timeMs, `${service.route} failed: ${reason}`, span);
  }

  private log(instance: number, level: "info" | "warn" | "error", timeMs: number, line: string, span: number): void {
    if (!this.around.logs.wants(instance, level)) return;
    this.logContext.set(this.identity.trace, 0);
    this.logContext[4] = span < 0 ? 0 : this.identity.ids[span]!;
    this.logContext[5] = span < 0 ? 0 : this.identity.ids[span + 1]!;
    this.around.logs.write(instance, level, timeMs + this.skewMs(instance), line, span < 0 ? undefined : this.logContext);
  }
}

const NEW_RELEASE_ERROR = "java.lang.NullPointerException: Cannot invoke method on null reference (field: regionCode)";

import type { ResourceInfo } from "@yunwei/otlp";
import { type EntityKey, METRIC, parseEntityKey } from "@yunwei/schemas";
import { calleeOf } from "./callee.ts";
import type { CatalogueNumbers } from "./catalogue-numbers.ts";
import type { DerivedFeed } from "./derived-feed.ts";
import { type DerivedKey, DerivedKeys } from "./derived-keys.ts";
import { EventWindows, WINDOW_MS } from "./event-windows.ts";
import { TRUST } from "./life-cycle.ts";
import type { KnownNames } from "./recent-names.ts";
import type { SourceClock } from "./source-clock.ts";
import type { SpanLinks } from "./span-links.ts";
import { SPAN_FLAG, SpanRows } from "./span-rows.ts";
import { SUM, WindowSums } from "./window-sums.ts";

/** Fewer spans than this say nothing of a ratio or a mean. */
const MIN_SPANS = 3;
/** One or two failures cannot be told from chance: they are learned, and open nothing. */
const MIN_FAILURES = 3;
/** A key without spans for this long is silent, not at rate 0. */
const QUIET_MS = 30 * 60_000;
const SECONDS = WINDOW_MS / 1000;
const PEER_CODES = 2 ** 31;

interface SpanWindow {
  readonly rows: SpanRows;
  readonly sums: WindowSums;
}

/** What a source shares with the others. */
export interface SpanSourceParts {
  readonly feed: DerivedFeed;
  readonly links: SpanLinks;
  readonly resources: CatalogueNumbers<ResourceInfo>;
  readonly strings: CatalogueNumbers<string>;
  readonly databases: KnownNames;
  readonly services: KnownNames;
  /** Whether one more span may wait for its relatives; counts it. */
  readonly mayWait: () => boolean;
  /** So many waiting spans are done. */
  readonly done: (rows: number) => void;
}

/** Keys of one resource. */
interface Owner {
  readonly service: number;
  readonly instance: number;
}

/** Windows, keys and sums of the spans of one source. */
export class SourceSpans {
  readonly #parts: SpanSourceParts;
  readonly #keys = new DerivedKeys();
  readonly #owners = new Map<number, Owner>();
  /** Edge key by caller resource and (callee resource or peer). */
  readonly #edges = new Map<number, Map<number, number>>();
  /** Event time of what is counted: when a key is taken in. */
  #countedMs = 0;
  readonly #windows = new EventWindows<SpanWindow>(() => ({ rows: new SpanRows(), sums: new WindowSums() }));

  constructor(parts: SpanSourceParts) {
    this.#parts = parts;
  }

  get late(): number {
    return this.#windows.late;
  }

  /** Forgets what is kept by number: a new catalogue has come, and may give numbers that an older one had; or keys are over. */
  forgetNumbers(): void {
    this.#owners.clear();
    this.#edges.clear();
  }

  /** Takes one served or calling span into the window of its end. @param resource, peer - numbers; peer 0 = unknown */
  push(endMs: number, resource: number, peer: number, durationMs: number, flags: number, trace: number, high: number, low: number): void {
    const window = this.#windows.at(endMs);
    if (window === undefined) return;
    this.#countedMs = endMs;
    if (this.#parts.mayWait()) window.rows.push(resource, peer, durationMs, flags, trace, high, low);
    else this.#count(window.sums, resource, peer, durationMs, flags, undefined);
  }

  /** Tells every key of every window that is due; a window without spans says 0 calls only while the source speaks. */
  close(clock: SourceClock): void {
    this.#windows.close(clock.watermarkMs, (window, endMs) => {
      if (window === undefined && !clock.speaking) return;
      this.#countedMs = endMs;
      if (window !== undefined) this.#join(window);
      const sums = window?.sums ?? new WindowSums();
      for (const [index, key] of this.#keys.all.entries()) if (key !== undefined) this.#tell(key, index, sums, endMs);
      if (this.#keys.forgetOver(endMs)) this.forgetNumbers();
    });
  }

  #join(window: SpanWindow): void {
    const { rows, sums } = window;
    for (let i = 0; i < rows.count; i++) {
      const link = this.#parts.links.find(rows.traces[i]!, rows.highs[i]!, rows.lows[i]!) ?? UNLINKED;
      this.#count(sums, rows.resources[i]!, rows.peers[i]!, rows.durations[i]!, rows.flags[i]!, link);
    }
    this.#parts.done(rows.count);
  }

  /** @param link - what relatives have told; undefined = nobody was asked, so neither self time nor gap is known */
  #count(sums: WindowSums, resource: number, peer: number, durationMs: number, flags: number, link: Link | undefined): void {
    const failed = flags & SPAN_FLAG.failed;
    if ((flags & SPAN_FLAG.served) !== 0) {
      const owner = this.#ownerOf(resource);
      const selfMs = link === undefined ? undefined : Math.max(0, durationMs - link.calledMs);
      addServed(sums, owner.service, durationMs, failed, selfMs);
      addServed(sums, owner.instance, durationMs, failed, selfMs);
      return;
    }
    const server = link?.server ?? -1;
    const key = this.#edgeOf(resource, server, peer);
    if (key < 0) return;
    sums.add(key, SUM.count, 1);
    sums.add(key, SUM.failed, failed);
    if (link === undefined || (flags & SPAN_FLAG.asynchronous) !== 0) return;
    // A callee that usually has spans and has none here was lost on the way: its time is not the wire's.
    if (server < 0 && this.#parts.services.has(this.#parts.strings.at(peer) ?? "")) return;
    sums.add(key, SUM.gapMs, server < 0 ? durationMs : Math.max(0, durationMs - link.serverMs));
    sums.add(key, SUM.gapCount, 1);
  }

  #ownerOf(resource: number): Owner {
    const known = this.#owners.get(resource);
    if (known !== undefined) return known;
    const { entity, service, site, tier, department, source } = this.#parts.resources.at(resource)!;
    const shared = { service, tier, department, source, labels: {} };
    const type = parseEntityKey(entity)?.type;
    const own: EntityKey = type === "database" ? entity : `service:${service}`;
    const owner = {
      service: this.#keys.take({ ...shared, kind: "service", entity: own }, this.#countedMs),
      instance: type === "instance" ? this.#keys.take({ ...shared, kind: "instance", entity }, this.#countedMs) : -1,
    };
    this.#keys.vote(owner.service, site);
    this.#keys.vote(owner.instance, site);
    this.#owners.set(resource, owner);
    return owner;
  }

  /** Dense key of the edge from a resource to the resource that served, or to the named peer; -1 = unknown callee, or a call to itself. */
  #edgeOf(resource: number, server: number, peer: number): number {
    if (server < 0 && peer === 0) return -1;
    let edges = this.#edges.get(resource);
    if (edges === undefined) {
      edges = new Map();
      this.#edges.set(resource, edges);
    }
    const code = server >= 0 ? server : PEER_CODES + peer;
    const known = edges.get(code);
    if (known !== undefined) return known;
    const { resources, strings } = this.#parts;
    const key = this.#newEdge(resources.at(resource)!, resources.at(server), strings.at(peer) ?? "");
    edges.set(code, key);
    return key;
  }

  #newEdge(caller: ResourceInfo, callee: ResourceInfo | undefined, peer: string): number {
    const from: EntityKey = `service:${caller.service}`;
    const to = callee === undefined ? calleeOf(peer, this.#parts.databases, this.#parts.services) : servedEntity(callee);
    if (from === to) return -1;
    const { service, site, tier, department, source } = caller;
    const labels: Record<string, string> = callee === undefined || callee.site === site ? {} : { from_site: site, to_site: callee.site };
    const entity: EntityKey = `edge:${service}->${parseEntityKey(to)?.id ?? peer}`;
    const key = this.#keys.take({ kind: "edge", entity, service, tier, department, source, labels, edge: { from, to } }, this.#countedMs);
    this.#keys.vote(key, site);
    return key;
  }

  #tell(key: DerivedKey, index: number, sums: WindowSums, endMs: number): void {
    const { feed } = this.#parts;
    const count = sums.get(index, SUM.count);
    if (count > 0) key.lastMs = endMs;
    if (endMs - key.lastMs > QUIET_MS) return;
    const isEdge = key.kind === "edge";
    if (key.kind !== "instance") feed.observe(key, isEdge ? METRIC.edgeRate : METRIC.serviceRate, "1/s", endMs, count / SECONDS, TRUST.company);
    if (count < MIN_SPANS) return;
    const failed = sums.get(index, SUM.failed);
    const trust = failed === 0 || failed >= MIN_FAILURES ? TRUST.full : TRUST.learn;
    feed.observe(key, isEdge ? METRIC.edgeErrorRatio : METRIC.serviceErrorRatio, "1", endMs, failed / count, trust);
    if (isEdge) {
      const gaps = sums.get(index, SUM.gapCount);
      if (gaps >= MIN_SPANS) feed.observe(key, METRIC.edgeGap, "s", endMs, sums.get(index, SUM.gapMs) / gaps / 1000);
      return;
    }
    feed.observe(key, METRIC.serviceDuration, "s", endMs, sums.get(index, SUM.durationMs) / count / 1000);
    const selves = sums.get(index, SUM.selfCount);
    if (selves >= MIN_SPANS) feed.observe(key, METRIC.serviceSelfTime, "s", endMs, sums.get(index, SUM.selfMs) / selves / 1000);
  }
}

interface Link {
  readonly calledMs: number;
  readonly server: number;
  readonly serverMs: number;
}

const UNLINKED: Link = { calledMs: 0, server: -1, serverMs: 0 };

function addServed(sums: WindowSums, key: number, durationMs: number, failed: number, selfMs: number | undefined): void {
  if (key < 0) return;
  sums.add(key, SUM.count, 1);
  sums.add(key, SUM.failed, failed);
  sums.add(key, SUM.durationMs, durationMs);
  if (selfMs === undefined) return;
  sums.add(key, SUM.selfMs, selfMs);
  sums.add(key, SUM.selfCount, 1);
}

function servedEntity(callee: ResourceInfo): EntityKey {
  return callee.entity.startsWith("database:") ? callee.entity : `service:${callee.service}`;
}

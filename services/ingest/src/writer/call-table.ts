import { lanesIn, PEER_KIND, type ResourceInfo, type SpanDecoding } from "@yunwei/otlp";
import { DictionaryColumn, FixedColumn } from "@yunwei/store";
import { CallJoiner } from "../domain/call-joiner.ts";
import type { CallMarks } from "../domain/call-marks.ts";
import { type CalleeKind, CallNames, MAX_CALL_NAMES } from "../domain/call-names.ts";
import { LinkReader } from "./link-reader.ts";
import type { TableBlock } from "./metric-tables.ts";
import { seconds } from "./place-columns.ts";

const MINUTE_MS = 60_000;
const MINUTE_US = 60_000_000;
const SERVER = 2;
const CLIENT = 3;
const PRODUCER = 4;
const CONSUMER = 5;
const FAILED = 2;
/** A span that began longer ago may find its other end given up; two that did not begin so long ago always meet (WAIT_MS). */
const LATE_MS = 15_000;
/** By PEER_KIND. */
const KIND_OF: readonly CalleeKind[] = ["external", "queue", "database"];
const KINDS = KIND_OF.length;
const NO_PLACE = -1;
/** Names begin anew no more often than this: it costs the minutes in hand a second count. */
const RENEW_AFTER_MS = 3_600_000;
const NOT_ASKED = -2;

const signed = (): FixedColumn => new FixedColumn("Int64", 8);

/** What a batch is to the table of calls. */
export interface CallBatch {
  /** Stem of its tokens: the same for the same messages of the bus, now and in every later life. */
  readonly stem: string;
  readonly nowMs: number;
}

/** For tests; each has a default. */
export interface CallTableLimits {
  /** Places, and callees, that are told apart. */
  readonly mostNames: number;
}

/**
 * The block of `service_edges_1m`: calls joined over batches, summed per minute and pair of services and sites. It is a first
 * count, seconds after the spans; minutes of which it cannot be sure are marked, and counted from the store (docs/adr/0012).
 */
export class CallTable {
  #names: CallNames;
  #joiner: CallJoiner;
  #renewedMs = Number.NEGATIVE_INFINITY;
  readonly #seed: number;
  readonly #limits: CallTableLimits;
  readonly #marks: CallMarks;
  readonly #marksAll: boolean;
  readonly #links = new LinkReader();
  /** Place by index of a resource, and callee by index of a string and kind, in the decoder's catalogues. */
  #places: number[] = [];
  #peers: number[] = [];
  #resources: readonly ResourceInfo[] | undefined;
  #strings: readonly string[] | undefined;
  /** By partition: the batch stored last, and the minutes of its calls. A retry begins with the same stem. */
  readonly #last = new Map<string, { readonly stem: string; readonly minutes: readonly number[] }>();
  readonly #columns = {
    department: new DictionaryColumn(),
    site: new DictionaryColumn(),
    tier: new DictionaryColumn(),
    t: seconds(),
    src: new DictionaryColumn(),
    dst: new DictionaryColumn(),
    dst_kind: new DictionaryColumn(),
    dst_site: new DictionaryColumn(),
    calls: signed(),
    errors: signed(),
    duration_sum_us: signed(),
    duration_max_us: new FixedColumn("UInt64", 8),
  };
  readonly #caller = { place: 0, peer: -1, minute: 0, durationUs: 0, failed: false, isDatabase: false, isLate: false };
  readonly #callee = { place: 0, minute: 0, failed: false, isConsumer: false, isLate: false };

  /** @param marksAll - other processes store spans too: an end may wait here while the other is there. @param seed - that senders do not know */
  constructor(marks: CallMarks, marksAll: boolean, seed: number, limits: CallTableLimits = { mostNames: MAX_CALL_NAMES }) {
    this.#marks = marks;
    this.#marksAll = marksAll;
    this.#seed = seed;
    this.#limits = limits;
    this.#names = new CallNames(limits.mostNames);
    this.#joiner = new CallJoiner(this.#names, seed);
  }

  /**
   * The calls that are known with this batch. Of one that may have been counted before (a retry, or the first of a partition,
   * which may be one from before a crash) every minute is marked.
   */
  block(requests: readonly SpanDecoding[], { stem, nowMs }: CallBatch): TableBlock {
    const partition = stem.slice(0, stem.lastIndexOf(":"));
    const last = this.#last.get(partition);
    const isRetry = last?.stem === stem;
    const { doubtful, sums } = this.#joiner;
    this.#joiner.advance(nowMs);
    for (const request of requests) {
      if (isRetry || last === undefined || this.#marksAll) markAll(request, doubtful);
      if (!isRetry) this.#push(request, nowMs);
    }
    this.#joiner.settle();
    const isOver = !isRetry && this.#names.isFull && nowMs - this.#renewedMs >= RENEW_AFTER_MS;
    if (isOver) this.#joiner.giveUp();
    const minutes = isRetry ? last.minutes : [...new Set(sums.minute.subarray(0, sums.size))];
    if (isRetry || last === undefined) for (const minute of minutes) doubtful.add(minute);
    else for (const minute of minutes) this.#marks.touch(minute, nowMs);
    for (const minute of doubtful) this.#marks.mark(minute, nowMs);
    doubtful.clear();
    this.#last.set(partition, { stem, minutes });
    for (const column of Object.values(this.#columns)) column.clear();
    if (!isRetry) this.#fill();
    if (isOver) this.#renew(nowMs);
    return { table: "service_edges_1m", columns: this.#columns };
  }

  /** Names are never forgotten one by one: ends and sums hold their numbers. Of ends that were given up for it the minutes are marked. */
  #renew(nowMs: number): void {
    this.#renewedMs = nowMs;
    this.#names = new CallNames(this.#limits.mostNames);
    this.#joiner = new CallJoiner(this.#names, this.#seed);
    this.#resources = undefined;
  }

  #push(request: SpanDecoding, nowMs: number): void {
    const { spans, resources, strings } = request;
    if (resources !== this.#resources || strings !== this.#strings) this.#forget(resources, strings);
    const ids = { high: lanesIn(spans.traceHigh), low: lanesIn(spans.traceLow), span: lanesIn(spans.spanId), parent: lanesIn(spans.parentId) };
    const { key } = this.#joiner;
    for (let row = 0; row < spans.count; row++) {
      const kind = spans.kind[row]!;
      if (kind < SERVER) continue;
      const isCaller = kind === CLIENT || kind === PRODUCER;
      const lane = 2 * row;
      const id = isCaller ? ids.span : ids.parent;
      key[0] = ids.high[lane + 1]!;
      key[1] = ids.high[lane]!;
      key[2] = ids.low[lane + 1]!;
      key[3] = ids.low[lane]!;
      key[4] = id[lane + 1]!;
      key[5] = id[lane]!;
      if (isCaller) this.#takeCaller(request, row, nowMs);
      else this.#takeCallee(request, row, nowMs);
    }
  }

  #takeCaller({ spans, resources, strings }: SpanDecoding, row: number, nowMs: number): void {
    const end = this.#caller;
    const startMs = spans.startMs[row]!;
    end.place = this.#placeOf(resources, spans.resource[row]!);
    end.minute = minuteOf(startMs);
    if (end.place === NO_PLACE) {
      this.#joiner.doubtful.add(end.minute);
      return;
    }
    const kind = spans.peerKind[row] === PEER_KIND.untold && spans.kind[row] === PRODUCER ? PEER_KIND.queue : spans.peerKind[row]!;
    end.peer = this.#peerOf(strings, spans.peer[row]!, kind, end);
    end.durationUs = Math.round(spans.durationMs[row]! * 1000);
    end.failed = spans.status[row] === FAILED;
    end.isDatabase = kind === PEER_KIND.database;
    end.isLate = nowMs - startMs > LATE_MS;
    this.#joiner.caller(end);
  }

  #takeCallee(request: SpanDecoding, row: number, nowMs: number): void {
    const { spans, resources } = request;
    const end = this.#callee;
    end.isConsumer = spans.kind[row] === CONSUMER;
    const { key } = this.#joiner;
    const hasParent = key[4] !== 0 || key[5] !== 0;
    const linked = end.isConsumer && spans.linksTo[row]! > spans.linksFrom[row]!;
    if (!hasParent && !linked) return;
    const startMs = spans.startMs[row]!;
    end.place = this.#placeOf(resources, spans.resource[row]!);
    end.minute = minuteOf(startMs);
    end.failed = spans.status[row] === FAILED;
    end.isLate = nowMs - startMs > LATE_MS;
    if (end.place === NO_PLACE) this.#joiner.doubtful.add(end.minute).add(end.minute - 1);
    else {
      if (hasParent) this.#joiner.callee(end);
      // A consumer of a batch names the producers of all its messages.
      if (linked) this.#links.each(request, row, key, () => this.#joiner.callee(end));
    }
  }

  #placeOf(resources: readonly ResourceInfo[], index: number): number {
    const known = this.#places[index];
    if (known !== undefined) return known;
    while (this.#places.length < index) this.#places.push(this.#names.place(resources[this.#places.length]!));
    this.#places.push(this.#names.place(resources[index]!));
    return this.#places[index]!;
  }

  #peerOf(strings: readonly string[], index: number, kind: number, { place, minute }: { readonly place: number; readonly minute: number }): number {
    const at = KINDS * index + kind;
    while (this.#peers.length <= at) this.#peers.push(NOT_ASKED);
    let peer = this.#peers[at]!;
    const name = strings[index]!;
    if (peer === NOT_ASKED) this.#peers[at] = peer = name === "" ? -1 : this.#names.callee(name, KIND_OF[kind]!, "");
    if (name === "" || name === this.#names.places[place]!.service) return -1;
    if (peer < 0) this.#joiner.doubtful.add(minute); // too many
    return peer;
  }

  #forget(resources: readonly ResourceInfo[], strings: readonly string[]): void {
    this.#places = [];
    this.#peers = [];
    this.#resources = resources;
    this.#strings = strings;
  }

  #fill(): void {
    const { sums } = this.#joiner;
    const columns = this.#columns;
    for (let i = 0; i < sums.size; i++) {
      const { department, site, tier, service } = this.#names.places[sums.caller[i]!]!;
      const callee = this.#names.callees[sums.callee[i]!]!;
      columns.department.text(department);
      columns.site.text(site);
      columns.tier.text(tier);
      columns.t.u32((sums.minute[i]! * MINUTE_MS) / 1000);
      columns.src.text(service);
      columns.dst.text(callee.name);
      columns.dst_kind.text(callee.kind);
      columns.dst_site.text(callee.site);
      columns.calls.i64(sums.calls[i]!);
      columns.errors.i64(sums.errors[i]!);
      columns.duration_sum_us.i64(sums.durationUs[i]!);
      columns.duration_max_us.i64(sums.longestUs[i]!);
    }
    sums.clear();
  }
}

/** As the store has it: a time is whole microseconds there. */
function minuteOf(startMs: number): number {
  return Math.floor(Math.round(startMs * 1000) / MINUTE_US);
}

function markAll({ spans }: SpanDecoding, minutes: Set<number>): void {
  let known = -1;
  for (let row = 0; row < spans.count; row++) {
    const kind = spans.kind[row]!;
    const minute = minuteOf(spans.startMs[row]!);
    if (kind < SERVER || minute === known) continue;
    known = minute;
    minutes.add(minute).add(minute - 1);
  }
}

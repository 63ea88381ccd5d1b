import { Hash64, type SlicePool } from "@yunwei/otlp";
import type { RemoteWriteWire } from "./remote-write-wire.ts";

/*
 * 1.0: Label { 1 name, 2 value }, repeated.
 * 2.0: labels_refs, repeated uint32: name, value, name, value ... as positions in Request.symbols.
 */

/** Labels of one series; a series with more is refused. Lower than what OTLP points may have, so that what passes here passes there. */
export const MAX_LABELS = 1000;

const name = (text: string): Uint8Array => new TextEncoder().encode(text);
const METRIC_NAME = name("__name__");
const JOB = name("job");
const INSTANCE = name("instance");
const SITE = name("site");
const DEPARTMENT = name("department");
const LE = name("le");

/** The labels of the series in hand, as positions in the request; one with an empty value is as good as absent. */
export class LabelFrame {
  /** Of label i: where its name starts and ends, where its value starts and ends. */
  readonly slices = new Int32Array(4 * MAX_LABELS);
  count = 0;
  /** Which label it is, -1 = there is none. */
  metric = -1;
  job = -1;
  instance = -1;
  site = -1;
  department = -1;
  le = -1;
  readonly #wire: RemoteWriteWire;
  readonly #hash = new Hash64();
  #pendingName = -1;
  #tooMany = false;
  #unnamed = false;

  constructor(wire: RemoteWriteWire) {
    this.#wire = wire;
  }

  /** Before a series. */
  clear(): void {
    this.count = 0;
    this.metric = this.job = this.instance = this.site = this.department = this.le = -1;
    this.#pendingName = -1;
    this.#tooMany = false;
    this.#unnamed = false;
  }

  /** Reads the Label message `[pos, end)` of 1.0. */
  readLabel(end: number): void {
    const wire = this.#wire;
    let nameStart = 0;
    let nameEnd = 0;
    let valueStart = 0;
    let valueEnd = 0;
    while (wire.next(end)) {
      const { field } = wire;
      if (field !== 1 && field !== 2) {
        wire.skip(end);
        continue;
      }
      const sliceEnd = wire.sliceEnd(end);
      if (field === 1) {
        nameStart = wire.pos;
        nameEnd = sliceEnd;
      } else {
        valueStart = wire.pos;
        valueEnd = sliceEnd;
      }
      wire.pos = sliceEnd;
    }
    this.#push(nameStart, nameEnd, valueStart, valueEnd);
  }

  /** Reads the labels_refs at hand, packed or one by one. */
  readRefs(end: number, symbols: SlicePool): void {
    const wire = this.#wire;
    if (wire.type === 0) {
      this.#ref(wire.varint(end), symbols);
      return;
    }
    const packedEnd = wire.sliceEnd(end);
    while (wire.pos < packedEnd) this.#ref(wire.varint(packedEnd), symbols);
  }

  #ref(ref: number, symbols: SlicePool): void {
    if (this.#wire.high !== 0 || ref >= symbols.length) this.#wire.fail(`a label refers to symbol ${ref} of ${symbols.length}`);
    if (this.#pendingName < 0) {
      this.#pendingName = ref;
      return;
    }
    const { starts, ends } = symbols;
    this.#push(starts[this.#pendingName]!, ends[this.#pendingName]!, starts[ref]!, ends[ref]!);
    this.#pendingName = -1;
  }

  #push(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    if (nameStart === nameEnd) this.#unnamed = true;
    if (valueStart === valueEnd) return;
    if (this.count === MAX_LABELS) {
      this.#tooMany = true;
      return;
    }
    const at = 4 * this.count++;
    this.slices[at] = nameStart;
    this.slices[at + 1] = nameEnd;
    this.slices[at + 2] = valueStart;
    this.slices[at + 3] = valueEnd;
  }

  /** After the last label: finds the ones that mean something, and what is wrong with the set. */
  finish(): string | undefined {
    if (this.#pendingName >= 0) this.#wire.fail("labels_refs of an odd length");
    for (let label = 0; label < this.count; label++) this.#findRole(label);
    if (this.#tooMany) return `more than ${MAX_LABELS} labels`;
    if (this.#unnamed) return "a label without a name";
    return this.#repeats() ? "a label that comes twice" : undefined;
  }

  #findRole(label: number): void {
    if (this.nameIs(label, METRIC_NAME)) this.metric = label;
    else if (this.nameIs(label, JOB)) this.job = label;
    else if (this.nameIs(label, INSTANCE)) this.instance = label;
    else if (this.nameIs(label, SITE)) this.site = label;
    else if (this.nameIs(label, DEPARTMENT)) this.department = label;
    else if (this.nameIs(label, LE)) this.le = label;
  }

  nameIs(label: number, wanted: Uint8Array): boolean {
    const start = this.slices[4 * label]!;
    if (this.slices[4 * label + 1]! - start !== wanted.length) return false;
    const { bytes } = this.#wire;
    for (let i = 0; i < wanted.length; i++) if (bytes[start + i] !== wanted[i]) return false;
    return true;
  }

  /** Senders sort labels, so neighbours tell; only a set that is not sorted is looked at by name. */
  #repeats(): boolean {
    for (let label = 1; label < this.count; label++) {
      if (this.#compareNames(label - 1, label) < 0) continue;
      const names = new Set<string>();
      for (let i = 0; i < this.count; i++) names.add(Buffer.from(this.#wire.bytes.subarray(this.slices[4 * i], this.slices[4 * i + 1])).toString("latin1"));
      return names.size < this.count;
    }
    return false;
  }

  #compareNames(a: number, b: number): number {
    const { bytes } = this.#wire;
    const aStart = this.slices[4 * a]!;
    const bStart = this.slices[4 * b]!;
    const aLength = this.slices[4 * a + 1]! - aStart;
    const bLength = this.slices[4 * b + 1]! - bStart;
    for (let i = 0; i < aLength && i < bLength; i++) {
      const difference = bytes[aStart + i]! - bytes[bStart + i]!;
      if (difference !== 0) return difference;
    }
    return aLength - bLength;
  }

  /** 53 bits of a hash of all labels in their order: tells the series of one request apart. */
  key(): number {
    const hash = this.#hash;
    hash.reset();
    for (let i = 0; i < 2 * this.count; i++) hash.add(this.#wire.bytes, this.slices[2 * i]!, this.slices[2 * i + 1]!);
    return ((hash.high & 0x1fffff) >>> 0) * 4294967296 + (hash.low >>> 0);
  }
}

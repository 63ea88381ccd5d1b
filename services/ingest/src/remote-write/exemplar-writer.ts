import type { WireWriter } from "@yunwei/otlp";
import { type SlicePool, timeProblem } from "@yunwei/otlp";
import { LabelFrame } from "./label-frame.ts";
import type { RemoteWriteWire } from "./remote-write-wire.ts";

/*
 * Exemplar of Prometheus { 1 labels (1.0: Label messages, 2.0: refs), 2 value double, 3 timestamp int64 ms }
 * Exemplar of OTLP       { 2 time, 3 as_double, 4 span_id, 5 trace_id, 7 filtered_attributes }
 */

const key = (text: string): Uint8Array => new TextEncoder().encode(text);
const TRACE_ID: readonly Uint8Array[] = [key("trace_id"), key("traceID")];
const SPAN_ID: readonly Uint8Array[] = [key("span_id"), key("spanID")];

/** Reads exemplars of Prometheus and writes them as OTLP's. */
export class ExemplarWriter {
  readonly #wire: RemoteWriteWire;
  readonly #labels: LabelFrame;
  readonly #id = new Uint8Array(16);

  constructor(wire: RemoteWriteWire) {
    this.#wire = wire;
    this.#labels = new LabelFrame(wire);
  }

  /**
   * Writes the Exemplar message `[pos, end)` as `field`; `pos` is then at its end.
   * @param symbols - of the request; undefined in 1.0
   * @param pointMs - time of the point it goes with: what an exemplar without a time gets
   * @returns false when its time or its labels are not right and nothing was written
   */
  write(out: WireWriter, field: number, end: number, symbols: SlicePool | undefined, pointMs: number, receivedMs: number): boolean {
    const wire = this.#wire;
    const labels = this.#labels;
    labels.clear();
    let high = 0;
    let low = 0;
    let timeMs = 0;
    while (wire.next(end)) {
      if (wire.field === 1) {
        if (symbols === undefined) labels.readLabel(wire.sliceEnd(end));
        else labels.readRefs(end, symbols);
      } else if (wire.field === 2) {
        wire.fixed64(end);
        high = wire.high;
        low = wire.low;
      } else if (wire.field === 3) {
        wire.number(end);
        timeMs = wire.signed();
      } else wire.skip(end);
    }
    if (timeMs === 0) timeMs = pointMs;
    if (labels.finish() !== undefined || timeProblem(timeMs, receivedMs) !== undefined) return false;
    const exemplar = out.open(field);
    out.nanos(2, timeMs);
    out.fixed64Halves(3, high, low);
    for (let label = 0; label < labels.count; label++) this.#label(out, label);
    out.close(exemplar);
    return true;
  }

  #label(out: WireWriter, label: number): void {
    const { slices } = this.#labels;
    const at = 4 * label;
    const is = (name: Uint8Array): boolean => this.#labels.nameIs(label, name);
    if (TRACE_ID.some(is) && this.#readId(slices[at + 2]!, slices[at + 3]!, 16)) out.bytes(5, this.#id, 0, 16);
    else if (SPAN_ID.some(is) && this.#readId(slices[at + 2]!, slices[at + 3]!, 8)) out.bytes(4, this.#id, 0, 8);
    else out.keyValue(7, this.#wire.bytes, slices[at]!, slices[at + 1]!, this.#wire.bytes, slices[at + 2]!, slices[at + 3]!);
  }

  /** The hexadecimal id `[start, end)` into `#id`; false when it is not one of `length` bytes: it then stays an attribute. */
  #readId(start: number, end: number, length: number): boolean {
    if (end - start !== 2 * length) return false;
    const { bytes } = this.#wire;
    for (let i = 0; i < length; i++) {
      const high = hexDigit(bytes[start + 2 * i]!);
      const low = hexDigit(bytes[start + 2 * i + 1]!);
      if (high < 0 || low < 0) return false;
      this.#id[i] = 16 * high + low;
    }
    return true;
  }
}

/** Value of an ASCII hexadecimal digit, -1 for another byte. */
function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

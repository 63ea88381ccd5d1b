import type { WireWriter } from "@yunwei/otlp";
import type { OtlpMetricStream } from "./otlp-metric-stream.ts";
import type { RemoteWriteWire } from "./remote-write-wire.ts";

/*
 * Sample { 1 value double, 2 timestamp int64 ms, 3 start_timestamp int64 ms (2.0 only) }
 * NumberDataPoint { 2 start, 3 time, 4 as_double, 5 exemplars, 7 attributes, 8 flags }
 */

const STALE_HIGH = 0x7ff00000;
const STALE_LOW = 2;
const FLAG_NO_RECORDED_VALUE = 1;
/** Of NumberDataPoint. */
export const NUMBER_EXEMPLARS = 5;

/** The sample in hand; what a sender leaves out is 0, as proto3 has it. */
export class SampleFrame {
  high = 0;
  low = 0;
  timeMs = 0;
  startMs = 0;

  /** Reads the Sample message `[pos, end)`. */
  read(wire: RemoteWriteWire, end: number): void {
    this.high = this.low = this.timeMs = this.startMs = 0;
    while (wire.next(end)) {
      if (wire.field === 1) {
        wire.fixed64(end);
        this.high = wire.high;
        this.low = wire.low;
      } else if (wire.field === 2 || wire.field === 3) {
        const isTime = wire.field === 2;
        wire.number(end);
        if (isTime) this.timeMs = wire.signed();
        else this.startMs = wire.signed();
      } else wire.skip(end);
    }
  }

  /** Writes all of the NumberDataPoint but its exemplars; the message is left open, to be closed with the result. */
  write(out: WireWriter, stream: OtlpMetricStream, startMs: number): number {
    const point = out.open(1);
    stream.attributes(7);
    if (startMs > 0 && startMs <= this.timeMs) out.nanos(2, startMs);
    out.nanos(3, this.timeMs);
    if (this.high === STALE_HIGH && this.low === STALE_LOW) out.number(8, FLAG_NO_RECORDED_VALUE);
    else out.fixed64Halves(4, this.high, this.low);
    return point;
  }
}

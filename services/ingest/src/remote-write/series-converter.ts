import type { WireWriter } from "@yunwei/otlp";
import { type SlicePool, textOf, timeProblem } from "@yunwei/otlp";
import { ExemplarWriter } from "./exemplar-writer.ts";
import { EXPLICIT_EXEMPLARS, EXPONENTIAL_EXEMPLARS, writeHistogramPoint } from "./histogram-point-writer.ts";
import { LabelFrame } from "./label-frame.ts";
import type { LooseExemplars } from "./loose-exemplars.ts";
import { NativeHistogram } from "./native-histogram.ts";
import { NUMBER_EXEMPLARS, SampleFrame } from "./number-point-writer.ts";
import { DATA, type DataField, type OtlpMetricStream } from "./otlp-metric-stream.ts";
import type { RemoteWriteWire } from "./remote-write-wire.ts";
import { isCounter, type MetricMetadata, NO_METADATA } from "./series-kind.ts";
import type { Part, WriteTally } from "./write-tally.ts";

/*
 * TimeSeries of 1.0 { 1 labels, 2 samples, 3 exemplars, 4 histograms }
 * TimeSeries of 2.0 { 1 labels_refs, 2 samples, 3 histograms, 4 exemplars, 5 metadata { 1 type, 3 help_ref, 4 unit_ref }, 6 created_timestamp int64 ms }
 */

/** Field numbers of TimeSeries that differ; 0 = not in this version. */
export interface SeriesFields {
  readonly histograms: number;
  readonly exemplars: number;
  readonly metadata: number;
  readonly created: number;
}
const LABELS = 1;
const SAMPLES = 2;

/** What the series of one request share. */
export interface SeriesContext {
  readonly fields: SeriesFields;
  /** Of the request; undefined in 1.0. */
  readonly symbols: SlicePool | undefined;
  readonly receivedMs: number;
  readonly out: WireWriter;
  readonly stream: OtlpMetricStream;
  readonly tally: WriteTally;
  readonly loose: LooseExemplars;
  /** What 1.0 has told earlier of a metric; undefined where nothing can be known. */
  readonly metadataOf: ((name: string) => MetricMetadata | undefined) | undefined;
}

/** Turns TimeSeries messages into OTLP points, one after another; no object for a sample. */
export class SeriesConverter {
  readonly labels: LabelFrame;
  readonly #wire: RemoteWriteWire;
  readonly #sample = new SampleFrame();
  readonly #histogram = new NativeHistogram();
  readonly #exemplars: ExemplarWriter;
  #context!: SeriesContext;
  #metadata: MetricMetadata = NO_METADATA;
  #createdMs = 0;
  #start = 0;
  #end = 0;
  #exemplarCount = 0;
  /** Whether a point of the series in hand has been written. */
  #written = false;

  constructor(wire: RemoteWriteWire) {
    this.#wire = wire;
    this.labels = new LabelFrame(wire);
    this.#exemplars = new ExemplarWriter(wire);
  }

  /** Before the series of a request. */
  begin(context: SeriesContext): void {
    this.#context = context;
  }

  /** Key of the labels of the TimeSeries `[start, end)`, see LabelFrame. */
  keyAt(start: number, end: number): number {
    this.#readHead(start, end);
    return this.labels.key();
  }

  /** Writes the points of the TimeSeries `[start, end)`; leaves `wire.pos` at its end. */
  convert(start: number, end: number): void {
    const { tally } = this.#context;
    const hasData = this.#readHead(start, end);
    if (hasData) {
      tally.sent.exemplars += this.#exemplarCount;
      const problem = this.labels.finish() ?? (this.labels.metric < 0 ? "it has no label __name__" : undefined);
      if (problem === undefined) this.#findMetadata();
      this.#walkData(problem);
      if (!this.#written) tally.refuse("exemplars", this.#exemplarCount, "", "no point to go with");
    }
    this.#wire.pos = end;
  }

  /** Reads what all points share, wherever in the message it is. @returns whether there are samples or histograms */
  #readHead(start: number, end: number): boolean {
    const wire = this.#wire;
    const { fields, symbols } = this.#context;
    this.#start = wire.pos = start;
    this.#end = end;
    this.labels.clear();
    this.#metadata = NO_METADATA;
    this.#createdMs = 0;
    this.#exemplarCount = 0;
    this.#written = false;
    let hasData = false;
    while (wire.next(end)) {
      const { field } = wire;
      if (field === LABELS) {
        if (symbols === undefined) this.labels.readLabel(wire.sliceEnd(end));
        else this.labels.readRefs(end, symbols);
      } else if (field === fields.metadata && symbols !== undefined) this.#metadata = readMetadata(wire, wire.sliceEnd(end), symbols);
      else if (field === fields.created && symbols !== undefined) {
        wire.number(end);
        this.#createdMs = wire.signed();
      } else {
        if (field === SAMPLES || field === fields.histograms) hasData = true;
        else if (field === fields.exemplars) this.#exemplarCount++;
        wire.skip(end);
      }
    }
    return hasData;
  }

  #findMetadata(): void {
    const { metadataOf } = this.#context;
    if (metadataOf !== undefined) this.#metadata = metadataOf(this.#name()) ?? NO_METADATA;
  }

  #name(): string {
    const { metric, slices } = this.labels;
    return metric < 0 ? "" : textOf(this.#wire, slices[4 * metric + 2]!, slices[4 * metric + 3]!);
  }

  /** @param problem - of the series as a whole: nothing of it is taken */
  #walkData(problem: string | undefined): void {
    const wire = this.#wire;
    const { tally, fields } = this.#context;
    wire.pos = this.#start;
    while (wire.next(this.#end)) {
      const isSample = wire.field === SAMPLES;
      if (!isSample && wire.field !== fields.histograms) {
        wire.skip(this.#end);
        continue;
      }
      const part: Part = isSample ? "samples" : "histograms";
      const end = wire.sliceEnd(this.#end);
      tally.sent[part]++;
      const wrong = isSample ? this.#takeSample(end, problem) : this.#takeHistogram(end, problem);
      if (wrong !== undefined) tally.refuse(part, 1, tally.problem === undefined ? this.#name() : "", wrong);
      wire.pos = end;
    }
  }

  #takeSample(end: number, problem: string | undefined): string | undefined {
    const { out, stream, receivedMs } = this.#context;
    const sample = this.#sample;
    sample.read(this.#wire, end);
    const wrong = problem ?? timestampProblem(sample.timeMs, receivedMs);
    if (wrong !== undefined) return wrong;
    const { metric, slices, le } = this.labels;
    const rises = isCounter(this.#metadata.type, this.#wire.bytes, slices[4 * metric + 2]!, slices[4 * metric + 3]!, le >= 0);
    stream.prepare(rises ? DATA.sum : DATA.gauge, this.#metadata);
    const point = sample.write(out, stream, rises ? sample.startMs || this.#createdMs : 0);
    this.#closePoint(point, NUMBER_EXEMPLARS, sample.timeMs);
    return undefined;
  }

  #takeHistogram(end: number, problem: string | undefined): string | undefined {
    const { out, stream, receivedMs } = this.#context;
    const histogram = this.#histogram;
    histogram.read(this.#wire, end);
    const wrong = problem ?? timestampProblem(histogram.timeMs, receivedMs) ?? histogram.problem();
    if (wrong !== undefined) return wrong;
    const field: DataField = histogram.isCustom ? DATA.histogram : DATA.exponential;
    stream.prepare(field, this.#metadata);
    const point = writeHistogramPoint(out, stream, histogram, histogram.startMs || this.#createdMs);
    this.#closePoint(point, histogram.isCustom ? EXPLICIT_EXEMPLARS : EXPONENTIAL_EXEMPLARS, histogram.timeMs);
    return undefined;
  }

  /** The exemplars of a series go with its first point: OTLP has them at points, remote write beside them. */
  #closePoint(point: number, exemplarField: number, pointMs: number): void {
    const { out, loose } = this.#context;
    if (!this.#written) {
      this.#written = true;
      if (this.#exemplarCount > 0) this.#writeExemplars(this.#start, this.#end, exemplarField, pointMs);
      const others = loose.isEmpty ? [] : loose.take(this.labels.key());
      for (let i = 0; i < others.length; i += 2) this.#writeExemplars(others[i]!, others[i + 1]!, exemplarField, pointMs);
    }
    out.close(point);
  }

  #writeExemplars(start: number, end: number, field: number, pointMs: number): void {
    const wire = this.#wire;
    const { fields, symbols, receivedMs, out, tally } = this.#context;
    wire.pos = start;
    while (wire.next(end)) {
      if (wire.field !== fields.exemplars) {
        wire.skip(end);
        continue;
      }
      const exemplarEnd = wire.sliceEnd(end);
      if (!this.#exemplars.write(out, field, exemplarEnd, symbols, pointMs, receivedMs)) tally.refuse("exemplars", 1, "", "its time or its labels");
      wire.pos = exemplarEnd;
    }
  }
}

function timestampProblem(timeMs: number, receivedMs: number): string | undefined {
  return timeProblem(timeMs, receivedMs)?.replace("time_unix_nano", "its timestamp");
}

function readMetadata(wire: RemoteWriteWire, end: number, symbols: SlicePool): MetricMetadata {
  let type = 0;
  let help = 0;
  let unit = 0;
  while (wire.next(end)) {
    if (wire.field === 1) type = wire.number(end);
    else if (wire.field === 3) help = wire.number(end);
    else if (wire.field === 4) unit = wire.number(end);
    else wire.skip(end);
  }
  return type === 0 && help === 0 && unit === 0 ? NO_METADATA : { type, help: symbolAt(wire, symbols, help), unit: symbolAt(wire, symbols, unit) };
}

function symbolAt(wire: RemoteWriteWire, symbols: SlicePool, ref: number): Uint8Array {
  if (ref === 0) return NO_METADATA.help;
  if (ref >= symbols.length) wire.fail(`metadata refers to symbol ${ref} of ${symbols.length}`);
  return wire.bytes.subarray(symbols.starts[ref]!, symbols.ends[ref]!);
}

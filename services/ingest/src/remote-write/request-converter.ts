import { MAX_PLAIN_BYTES, SlicePool, textOf, WireWriter } from "@yunwei/otlp";
import { YunweiError } from "@yunwei/schemas";
import type { IngestToken } from "../domain/ingest-token.ts";
import { LooseExemplars } from "./loose-exemplars.ts";
import { MetadataBook } from "./metadata-book.ts";
import { OtlpMetricStream } from "./otlp-metric-stream.ts";
import { RemoteWriteWire } from "./remote-write-wire.ts";
import { SeriesConverter, type SeriesFields } from "./series-converter.ts";
import { NO_METADATA } from "./series-kind.ts";
import { WriteTally } from "./write-tally.ts";

/*
 * prometheus.WriteRequest { 1 timeseries, 3 metadata { 1 type, 2 metric_family_name, 4 help, 5 unit } }
 * io.prometheus.write.v2.Request { 4 symbols string, 5 timeseries }
 * The two share no field number, so that one taken for the other is noticed. Symbols may come behind the series.
 */

export type RemoteWriteVersion = 1 | 2;

interface RequestFields extends SeriesFields {
  readonly series: number;
  /** Fields of the other version. */
  readonly foreign: readonly number[];
}

const FIELDS: Readonly<Record<RemoteWriteVersion, RequestFields>> = {
  1: { series: 1, foreign: [4, 5], exemplars: 3, histograms: 4, metadata: 0, created: 0 },
  2: { series: 5, foreign: [1, 3], histograms: 3, exemplars: 4, metadata: 5, created: 6 },
};
const V1_METADATA = 3;
const V2_SYMBOLS = 4;

/** An empty message takes two bytes: without bounds 64 MiB of them would become gigabytes of positions. */
const MAX_SERIES = 1_000_000;
const MAX_SYMBOLS = 1_000_000;

/** A remote-write request as OTLP. */
export interface ConvertedWrite {
  /** An ExportMetricsServiceRequest. */
  readonly body: Uint8Array;
  readonly tally: WriteTally;
}

/** Turns remote-write requests into OTLP Export requests of metrics; keeps only what 1.0 senders tell of their metrics. */
export class RequestConverter {
  readonly #wire = new RemoteWriteWire();
  readonly #series = new SeriesConverter(this.#wire);
  readonly #symbols = new SlicePool();
  readonly #exemplarSeries = new SlicePool();
  readonly #metadata = new MetadataBook();

  /**
   * @param body - without its compression
   * @throws YunweiError YUNWEI_BODY_INVALID (malformed, with the byte), YUNWEI_OTLP_TOO_LARGE
   */
  convert(version: RemoteWriteVersion, body: Uint8Array, token: IngestToken, receivedMs: number): ConvertedWrite {
    const fields = FIELDS[version];
    const wire = this.#wire;
    wire.open(body);
    this.#survey(version, fields, token);
    const out = new WireWriter(Math.min(body.length + 1024, MAX_PLAIN_BYTES), MAX_PLAIN_BYTES);
    const stream = new OtlpMetricStream(wire, this.#series.labels, out, { site: token.site === undefined, department: token.department === undefined });
    const tally = new WriteTally();
    const loose = new LooseExemplars();
    const symbols = version === 2 ? this.#symbols : undefined;
    const metadataOf = version === 1 && !this.#metadata.isEmpty ? (name: string) => this.#metadata.find(token.id, name) : undefined;
    this.#series.begin({ fields, symbols, receivedMs, out, stream, tally, loose, metadataOf });
    this.#indexExemplars(loose);
    wire.pos = 0;
    while (wire.next(body.length)) {
      if (wire.field === fields.series) {
        const end = wire.sliceEnd(body.length);
        this.#series.convert(wire.pos, end);
      } else wire.skip(body.length);
    }
    stream.end();
    this.#countLoose(loose, fields, tally);
    wire.open(new Uint8Array(0)); // lets go of the body
    return { body: out.written, tally };
  }

  /** Finds symbols, metadata and the series that hold nothing but exemplars: what must be known before the first point. */
  #survey(version: RemoteWriteVersion, fields: RequestFields, token: IngestToken): void {
    const wire = this.#wire;
    const end = wire.bytes.length;
    this.#symbols.clear();
    this.#exemplarSeries.clear();
    let series = 0;
    while (wire.next(end)) {
      if (fields.foreign.includes(wire.field)) wire.fail(`a field of the other version than the content-type's proto= says (${wire.field})`);
      if (wire.field === fields.series) {
        if (++series > MAX_SERIES) throw tooMany("series", MAX_SERIES);
        this.#surveySeries(wire.sliceEnd(end), fields);
      } else if (version === 2 && wire.field === V2_SYMBOLS) {
        if (this.#symbols.length === MAX_SYMBOLS) throw tooMany("symbols", MAX_SYMBOLS);
        const symbolEnd = wire.sliceEnd(end);
        this.#symbols.push(wire.pos, symbolEnd);
        wire.pos = symbolEnd;
      } else if (version === 1 && wire.field === V1_METADATA) this.#learn(wire.sliceEnd(end), token);
      else wire.skip(end);
    }
  }

  #surveySeries(end: number, fields: RequestFields): void {
    const wire = this.#wire;
    const start = wire.pos;
    let hasExemplars = false;
    let hasData = false;
    while (wire.next(end)) {
      if (wire.field === fields.exemplars) hasExemplars = true;
      else if (wire.field === 2 || wire.field === fields.histograms) hasData = true;
      wire.skip(end);
    }
    if (hasExemplars && !hasData) this.#exemplarSeries.push(start, end);
  }

  #indexExemplars(loose: LooseExemplars): void {
    const { starts, ends, length } = this.#exemplarSeries;
    for (let i = 0; i < length; i++) loose.add(this.#series.keyAt(starts[i]!, ends[i]!), starts[i]!, ends[i]!);
  }

  /** Counts the exemplars of series without samples: all of them as sent, those without a point to go with as left out. */
  #countLoose(loose: LooseExemplars, fields: RequestFields, tally: WriteTally): void {
    const { starts, ends, length } = this.#exemplarSeries;
    for (let i = 0; i < length; i++) tally.sent.exemplars += this.#countField(fields.exemplars, starts[i]!, ends[i]!);
    for (const slices of loose.rest())
      for (let i = 0; i < slices.length; i += 2)
        tally.refuse("exemplars", this.#countField(fields.exemplars, slices[i]!, slices[i + 1]!), "", "no point to go with");
  }

  #countField(field: number, start: number, end: number): number {
    const wire = this.#wire;
    let count = 0;
    for (wire.pos = start; wire.next(end); wire.skip(end)) if (wire.field === field) count++;
    return count;
  }

  #learn(end: number, token: IngestToken): void {
    const wire = this.#wire;
    let type = 0;
    let family = "";
    let { help, unit } = NO_METADATA;
    while (wire.next(end)) {
      const { field } = wire;
      if (field === 1) type = wire.number(end);
      else if (field === 2 || field === 4 || field === 5) {
        const textEnd = wire.sliceEnd(end);
        if (field === 2) family = textOf(wire, wire.pos, textEnd);
        else if (field === 4) help = wire.bytes.subarray(wire.pos, textEnd);
        else unit = wire.bytes.subarray(wire.pos, textEnd);
        wire.pos = textEnd;
      } else wire.skip(end);
    }
    this.#metadata.learn(token.id, family, { type, help, unit });
  }
}

function tooMany(what: string, most: number): YunweiError {
  return new YunweiError("YUNWEI_OTLP_TOO_LARGE", `the request has more than ${most} ${what}: send smaller batches`);
}

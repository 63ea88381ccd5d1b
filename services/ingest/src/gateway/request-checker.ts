import { promisify } from "node:util";
import { constants, zstdCompress } from "node:zlib";
import { inflateBody, LogDecoder, MetricDecoder, otlpJsonToProtobuf, SpanDecoder, type StreamIdentity } from "@yunwei/otlp";
import { type Signal, YunweiError } from "@yunwei/schemas";
import type { Encoding } from "./otlp-response.ts";

const zstd = promisify(zstdCompress);

/** Most a body may be without its compression. */
export const MAX_PLAIN_BYTES = 64 * 1024 * 1024;
/** Most a bus message may be (Bus contract); a plain body over half of it is compressed by us. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;
const COMPRESS_OVER_BYTES = 64 * 1024;

/** A request that may go to the bus. */
export interface CheckedRequest {
  readonly value: Uint8Array;
  /** Of `value`: "gzip", "zstd" or "" for none. */
  readonly contentEncoding: string;
  readonly items: number;
  /** Of metrics: how many of `items` are histograms, and how many exemplars go with them; 0 for other signals. */
  readonly histograms: number;
  readonly exemplars: number;
  readonly rejected: number;
  readonly problem: string | undefined;
  /** Keeps a resource's metrics and logs, and a trace's spans, in one partition. */
  readonly key: string;
}

/** Checks that bodies are well formed and counts what the rules leave out; keeps no object of the data. */
export class RequestChecker {
  readonly #metrics = new MetricDecoder({ keepsSeries: false });
  readonly #spans = new SpanDecoder();
  readonly #logs = new LogDecoder();

  /** @throws YunweiError YUNWEI_OTLP_INVALID, YUNWEI_OTLP_TOO_LARGE, YUNWEI_OTLP_TYPE_UNSUPPORTED */
  async check(signal: Signal, encoding: Encoding, body: Uint8Array, contentEncoding: string, identity: StreamIdentity): Promise<CheckedRequest> {
    const plain = await inflateBody(body, contentEncoding, MAX_PLAIN_BYTES);
    const protobuf = encoding === "json" ? otlpJsonToProtobuf(signal, plain) : plain;
    const counted = this.#count(signal, protobuf, identity);
    const asReceived = encoding === "protobuf" && contentEncoding !== "identity" ? contentEncoding : "";
    if (asReceived !== "" && body.length <= MAX_MESSAGE_BYTES) return { ...counted, value: body, contentEncoding: asReceived };
    if (protobuf.length <= COMPRESS_OVER_BYTES) return { ...counted, value: protobuf, contentEncoding: "" };
    const value = await zstd(protobuf, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
    if (value.length > MAX_MESSAGE_BYTES) {
      throw new YunweiError(
        "YUNWEI_OTLP_TOO_LARGE",
        `the request is ${value.length} bytes even when compressed; ${MAX_MESSAGE_BYTES} fit into one message: send smaller batches`,
      );
    }
    return { ...counted, value, contentEncoding: "zstd" };
  }

  #count(signal: Signal, body: Uint8Array, identity: StreamIdentity): Omit<CheckedRequest, "value" | "contentEncoding"> {
    if (signal === "metrics") {
      const decoder = this.#metrics;
      decoder.decode(body, identity);
      const { numbers, histograms, summaries, rejected, problem } = decoder;
      const key = decoder.lastResource?.resourceId ?? "";
      const items = numbers.count + histograms.count + summaries.count;
      return { items, histograms: histograms.count, exemplars: decoder.exemplars.length, rejected, problem, key };
    }
    if (signal === "traces") {
      this.#spans.decode(body, identity);
      const { spans, rejected, problem } = this.#spans;
      const key = spans.count === 0 ? "" : `${spans.traceHigh[0]!.toString(16)}${spans.traceLow[0]!.toString(16)}`;
      return { items: spans.count, histograms: 0, exemplars: 0, rejected, problem, key };
    }
    this.#logs.decode(body, identity);
    const { logs, rejected, problem, resources } = this.#logs;
    const key = logs.count === 0 ? "" : resources[logs.resource[0]!]!.resourceId;
    return { items: logs.count, histograms: 0, exemplars: 0, rejected, problem, key };
  }
}

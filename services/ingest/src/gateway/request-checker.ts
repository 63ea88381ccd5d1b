import { promisify } from "node:util";
import { constants, zstdCompress } from "node:zlib";
import {
  type Decoding,
  inflateBody,
  type LogDecoding,
  MAX_PLAIN_BYTES,
  type MetricDecoding,
  otlpJsonToProtobuf,
  type RequestReader,
  type SpanDecoding,
  type StreamIdentity,
} from "@yunwei/otlp";
import { type Signal, YunweiError } from "@yunwei/schemas";
import type { Encoding } from "./otlp-response.ts";

const zstd = promisify(zstdCompress);

/** Most a bus message may be (Bus contract); a plain body over half of it is compressed by us. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;
const COMPRESS_OVER_BYTES = 64 * 1024;
/** How long a request may wait for those who read what came before it. */
const ROOM_WAIT_MS = 100;

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

/** Checks that bodies are well formed and counts what the rules leave out. */
export class RequestChecker {
  readonly #reader: RequestReader;

  /** @param reader - of the process: who reads the message after us has the columns at once */
  constructor(reader: RequestReader) {
    this.#reader = reader;
  }

  /** @throws YunweiError YUNWEI_OTLP_INVALID, YUNWEI_OTLP_TOO_LARGE, YUNWEI_OTLP_TYPE_UNSUPPORTED */
  async check(signal: Signal, encoding: Encoding, body: Uint8Array, contentEncoding: string, identity: StreamIdentity): Promise<CheckedRequest> {
    await this.#reader.room(ROOM_WAIT_MS);
    const plain = await inflateBody(body, contentEncoding, MAX_PLAIN_BYTES);
    const protobuf = encoding === "json" ? otlpJsonToProtobuf(signal, plain) : plain;
    const decoded = this.#reader.decode(signal, protobuf, identity);
    const counts = countsOf(signal, decoded);
    const message = await messageOf(encoding, body, contentEncoding, protobuf);
    this.#reader.remember({ signal, identity, ...message }, decoded, protobuf === body || protobuf === message.value ? undefined : protobuf);
    return { ...counts, ...message };
  }
}

/** The bytes that go to the bus: as received where they fit, else compressed by us. */
async function messageOf(
  encoding: Encoding,
  body: Uint8Array,
  contentEncoding: string,
  protobuf: Uint8Array,
): Promise<Pick<CheckedRequest, "value" | "contentEncoding">> {
  const asReceived = encoding === "protobuf" && contentEncoding !== "identity" ? contentEncoding : "";
  if (asReceived !== "" && body.length <= MAX_MESSAGE_BYTES) return { value: body, contentEncoding: asReceived };
  if (protobuf.length <= COMPRESS_OVER_BYTES) return { value: protobuf, contentEncoding: "" };
  const value = await zstd(protobuf, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  if (value.length > MAX_MESSAGE_BYTES) {
    throw new YunweiError(
      "YUNWEI_OTLP_TOO_LARGE",
      `the request is ${value.length} bytes even when compressed; ${MAX_MESSAGE_BYTES} fit into one message: send smaller batches`,
    );
  }
  return { value, contentEncoding: "zstd" };
}

function countsOf(signal: Signal, decoded: Decoding): Omit<CheckedRequest, "value" | "contentEncoding"> {
  const { rejected, problem } = decoded;
  if (signal === "metrics") {
    const { numbers, histograms, summaries, exemplars, lastResource } = decoded as MetricDecoding;
    const items = numbers.count + histograms.count + summaries.count;
    return { items, histograms: histograms.count, exemplars: exemplars.length, rejected, problem, key: lastResource?.resourceId ?? "" };
  }
  const none = { histograms: 0, exemplars: 0, rejected, problem };
  if (signal === "traces") {
    const { spans } = decoded as SpanDecoding;
    return { ...none, items: spans.count, key: spans.count === 0 ? "" : `${spans.traceHigh[0]!.toString(16)}${spans.traceLow[0]!.toString(16)}` };
  }
  const { logs, resources } = decoded as LogDecoding;
  return { ...none, items: logs.count, key: logs.count === 0 ? "" : resources[logs.resource[0]!]!.resourceId };
}

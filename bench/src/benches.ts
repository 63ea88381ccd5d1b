import type { Bench } from "./bench.ts";
import { causesBench } from "./causes/causes-bench.ts";
import { decodeBench } from "./decode/decode-bench.ts";
import { ingestBench } from "./ingest/ingest-bench.ts";
import { latencyBench } from "./latency/latency-bench.ts";
import { restBench } from "./rest/rest-bench.ts";

/** All benches there are. */
export const BENCHES: readonly Bench[] = [ingestBench, latencyBench, causesBench, restBench, decodeBench];

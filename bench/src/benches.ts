import type { Bench } from "./bench.ts";
import { causesBench } from "./causes/causes-bench.ts";
import { decodeBench } from "./decode/decode-bench.ts";
import { latencyBench } from "./latency/latency-bench.ts";
import { restBench } from "./rest/rest-bench.ts";
import { spineBench } from "./spine/spine-bench.ts";

/** All benches there are. */
export const BENCHES: readonly Bench[] = [spineBench, latencyBench, causesBench, restBench, decodeBench];

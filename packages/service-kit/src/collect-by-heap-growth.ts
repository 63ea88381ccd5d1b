import { setFlagsFromString } from "node:v8";

/**
 * Lets the memory of buffers count towards the growth of the heap, as one sum. By itself V8 collects all garbage each time
 * buffers have grown by 64 MiB, however small the rest has stayed: under full ingest (a buffer for every inflated request) that
 * was three full collections a second and a third of all CPU (docs/adr/0008). Call it before anything else is done.
 */
export function collectByHeapGrowth(): void {
  setFlagsFromString("--external-memory-accounted-in-global-limit");
}

import { setFlagsFromString } from "node:v8";

/** Statements in hand (the store's lanes), bodies that are inflated, and files that are written and synced, at once. */
const POOL_THREADS = "16";
/** How much what is alive may grow before all garbage is collected, in percent. */
const HEAP_GROWTH = 100;

/**
 * Settings of the whole process that Node.js takes only before anything has been done. Call it first.
 *
 * The memory of buffers counts towards the growth of the heap, as one sum. By itself V8 collects all garbage each time buffers have
 * grown by 64 MiB, however small the rest has stayed: under full ingest (a buffer for every inflated request) that was three full
 * collections a second and a third of all CPU (docs/adr/0008). And it lets that sum grow by a third only where the heap itself grows
 * slowly, which it does here: what comes and goes are buffers, and most of them are given back without a collection.
 *
 * The thread pool has a thread for everything that waits. Its usual four serve the statements of ClickHouse, inflating and fsync
 * alike: with two inserts in hand a query waited for a thread, not for a core. UV_THREADPOOL_SIZE, where it is set, goes before.
 */
export function tuneProcess(): void {
  setFlagsFromString("--external-memory-accounted-in-global-limit");
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH}`);
  process.env["UV_THREADPOOL_SIZE"] ??= POOL_THREADS;
}

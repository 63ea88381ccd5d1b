/** Smaller pieces are left to the garbage collector. Over the slabs of 8 KiB that protobufjs cuts its small results from. */
const LEAST_BYTES = 16 * 1024;

/** Gives the memory of an array back at once, unless it is of Node's pool; it, and whatever else looks at that memory, is empty from then on. */
export function freeMemory({ buffer }: ArrayBufferView): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength >= LEAST_BYTES && buffer.byteLength !== Buffer.poolSize) buffer.transfer(0);
}

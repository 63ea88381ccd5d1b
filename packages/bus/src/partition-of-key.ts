/**
 * The partition of a key: FNV-1a (32 bit) of its UTF-16 units modulo `partitions`. Stable across processes and versions:
 * changing it would split the order of every key.
 * @returns 0..partitions-1
 */
export function partitionOfKey(key: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  // The low bits of FNV are weak for short keys: fold the high ones in.
  return ((hash ^ (hash >>> 16)) >>> 0) % partitions;
}

import { basename } from "node:path";
import type { FileProgress } from "./import-file.ts";

const MEGABYTE = 1_000_000;

/** What a person sees of an import. @param elapsedMs - since this run began with the file */
export function progressLine({ path, bytes, startBytes, sizeBytes, requests, refused, waiting }: FileProgress, elapsedMs: number): string {
  const done = sizeBytes === undefined ? `${mega(bytes)} MB` : `${percent(bytes, sizeBytes)} %, ${mega(bytes)} of ${mega(sizeBytes)} MB`;
  const rate = elapsedMs > 0 ? `, ${mega(((bytes - startBytes) / elapsedMs) * 1000)} MB/s` : "";
  const left = refused > 0 ? `, ${refused} left out` : "";
  return `${basename(path)}: ${done}, ${requests} requests${rate}${left}${waiting === "" ? "" : `; waits: ${waiting}`}`;
}

function percent(bytes: number, sizeBytes: number): number {
  return sizeBytes === 0 ? 100 : Math.floor((100 * bytes) / sizeBytes);
}

function mega(bytes: number): string {
  return (bytes / MEGABYTE).toFixed(1);
}

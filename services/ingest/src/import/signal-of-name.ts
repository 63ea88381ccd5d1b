import { basename } from "node:path";
import type { Signal } from "@yunwei/schemas";

/** The signal that a file's name speaks of (`traces-2026.pb`), or undefined when it speaks of none or of several. */
export function signalOfName(path: string): Signal | undefined {
  const name = basename(path).toLowerCase();
  const found = new Set<Signal>();
  if (name.includes("metric")) found.add("metrics");
  if (name.includes("trace") || name.includes("span")) found.add("traces");
  if (name.includes("log")) found.add("logs");
  return found.size === 1 ? [...found][0] : undefined;
}

import { layOut } from "./case-timeline.ts";
import type { FaultCase } from "./fault-case.ts";
import type { NezhaSet } from "./nezha-set.ts";

const DEFAULT_CASES = 2;

export interface ChosenCase {
  readonly set: NezhaSet;
  readonly fault: FaultCase;
}

/**
 * The cases a person asked for, by number (of each set given), injection time, or "all"; by default the first two that can be laid out.
 * @throws Error naming what is not there
 */
export function chooseCases(sets: readonly NezhaSet[], wanted: readonly string[] | undefined): ChosenCase[] {
  const all = sets.flatMap((set) => set.cases.map((fault) => ({ set, fault })));
  if (wanted === undefined) return all.filter(({ set, fault }) => layOut(fault, set.cases, set.fromMs, set.toMs) !== undefined).slice(0, DEFAULT_CASES);
  const chosen = new Set<ChosenCase>();
  for (const one of wanted) {
    const found = all.filter(({ fault }) => one === "all" || String(fault.index) === one || fault.injectTime === one.replace("T", " "));
    if (found.length === 0) throw new Error(`--case ${one} is not in ${sets.map(({ namespace, cases }) => `${namespace} (1-${cases.length})`).join(" or ")}`);
    for (const each of found) chosen.add(each);
  }
  return [...chosen];
}

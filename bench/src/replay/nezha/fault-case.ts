/** A fault that was injected, as the data set labels it. Times are event time of the recording, Unix milliseconds. */
export interface FaultCase {
  readonly namespace: Namespace;
  /** Position in the namespace by time, from 1. */
  readonly index: number;
  /** As the list writes it (UTC). */
  readonly injectTime: string;
  readonly injectMs: number;
  readonly pod: string;
  readonly service: string;
  readonly type: string;
}

/** `hipster` = Online Boutique, `ts` = Train Ticket. */
export type Namespace = "hipster" | "ts";

/** Name of a pod without the hashes of its replica set and of itself. */
export function serviceOfPod(pod: string): string {
  return pod.replace(/-[a-z0-9]{6,10}-[a-z0-9]{5}$/, "");
}

/**
 * Cases of a `<day>-fault_list.json`, in the order of time. Only `inject_time` (UTC) is used: `inject_timestamp` is off by
 * the time zone in half of the list.
 */
export function parseFaultList(namespace: Namespace, text: string): FaultCase[] {
  const hours = JSON.parse(text) as Record<string, readonly { inject_time: string; inject_pod: string; inject_type: string }[]>;
  return Object.values(hours)
    .flat()
    .map(({ inject_time, inject_pod, inject_type }) => ({
      namespace,
      index: 0,
      injectTime: inject_time,
      injectMs: Date.parse(`${inject_time.replace(" ", "T")}Z`),
      pod: inject_pod,
      service: serviceOfPod(inject_pod),
      type: inject_type,
    }))
    .sort((a, b) => a.injectMs - b.injectMs)
    .map((one, at) => ({ ...one, index: at + 1 }));
}

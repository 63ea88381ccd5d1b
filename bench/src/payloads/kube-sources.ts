import { drawHex, drawInt, drawUuid } from "./draw.ts";
import { constant, counter, gauge, MetricSource } from "./metric-source.ts";

const KUBELET = "github.com/open-telemetry/opentelemetry-collector-contrib/receiver/kubeletstatsreceiver";
const CLUSTER = "github.com/open-telemetry/opentelemetry-collector-contrib/receiver/k8sclusterreceiver";
const VERSION = "0.139.0";
const DAY_MS = 86_400_000;
const MIB = 2 ** 20;

/** Where a pod runs and what it belongs to. */
export interface PodPlace {
  readonly cluster: string;
  readonly node: string;
  readonly zone: string;
  readonly namespace: string;
  readonly deployment: string;
}

/** A pod and its one container as kubeletstats and k8s_cluster report them: two resources of 12 and 14 attributes, 13 and 17 metrics of one point. */
export function podSources({ cluster, node, zone, namespace, deployment }: PodPlace, random: () => number, nowMs: number): MetricSource[] {
  const replicaSet = `${deployment}-${drawHex(random, 10)}`;
  const startMs = nowMs - Math.floor(1 + 5 * random() * DAY_MS);
  const resource = {
    "k8s.cluster.name": cluster,
    "k8s.namespace.name": namespace,
    "k8s.node.name": node,
    "k8s.pod.name": `${replicaSet}-${drawHex(random, 5)}`,
    "k8s.pod.uid": drawUuid(random),
    "k8s.pod.start_time": new Date(startMs).toISOString(),
    "k8s.deployment.name": deployment,
    "k8s.replicaset.name": replicaSet,
    "k8s.pod.ip": `10.${drawInt(random, 250)}.${drawInt(random, 250)}.${drawInt(random, 250)}`,
    "app.kubernetes.io/name": deployment,
    "cloud.availability_zone": zone,
    "deployment.environment.name": "production",
  };
  const container = {
    ...resource,
    "k8s.container.name": deployment,
    "container.id": drawHex(random, 64),
  };
  return [podSource(resource, startMs, random), containerSource(container, startMs, random)];
}

function podSource(resource: Readonly<Record<string, string>>, startMs: number, random: () => number): MetricSource {
  const { cpu, cpuTime, memory, bytes } = loadOf(random);
  const traffic = ["receive", "transmit"].map((direction) => [{ interface: "eth0", direction }, counter("asInt", 1e9 * random(), 2e5, 0.15)] as const);
  const errors = ["receive", "transmit"].map((direction) => [{ interface: "eth0", direction }, constant(0)] as const);
  return new MetricSource(resource, startMs)
    .scope(KUBELET, VERSION)
    .sum("k8s.pod.cpu.time", "s", [[{}, cpuTime]])
    .gauge("k8s.pod.cpu.usage", "{cpu}", [[{}, cpu]])
    .gauge("k8s.pod.memory.available", "By", [[{}, memory(300 * MIB)]])
    .gauge("k8s.pod.memory.usage", "By", [[{}, memory(400 * MIB)]])
    .gauge("k8s.pod.memory.rss", "By", [[{}, memory(250 * MIB)]])
    .gauge("k8s.pod.memory.working_set", "By", [[{}, memory(280 * MIB)]])
    .gauge("k8s.pod.memory.page_faults", "1", [[{}, counter("asInt", 1e6 * random(), 90, 0.6)]])
    .gauge("k8s.pod.memory.major_page_faults", "1", [[{}, constant(drawInt(random, 40))]])
    .gauge("k8s.pod.filesystem.usage", "By", [[{}, bytes(80 * MIB)]])
    .gauge("k8s.pod.filesystem.capacity", "By", [[{}, constant(212_000_000_000)]])
    .sum("k8s.pod.network.io", "By", traffic)
    .sum("k8s.pod.network.errors", "1", errors)
    .scope(CLUSTER, VERSION)
    .gauge("k8s.pod.phase", "", [[{}, constant(2)]]);
}

function containerSource(resource: Readonly<Record<string, string>>, startMs: number, random: () => number): MetricSource {
  const { cpu, cpuTime, memory, bytes } = loadOf(random);
  return new MetricSource(resource, startMs)
    .scope(KUBELET, VERSION)
    .sum("container.cpu.time", "s", [[{}, cpuTime]])
    .gauge("container.cpu.usage", "{cpu}", [[{}, cpu]])
    .gauge("container.memory.available", "By", [[{}, memory(300 * MIB)]])
    .gauge("container.memory.usage", "By", [[{}, memory(380 * MIB)]])
    .gauge("container.memory.rss", "By", [[{}, memory(240 * MIB)]])
    .gauge("container.memory.working_set", "By", [[{}, memory(270 * MIB)]])
    .gauge("container.memory.page_faults", "1", [[{}, counter("asInt", 1e6 * random(), 80, 0.6)]])
    .gauge("container.memory.major_page_faults", "1", [[{}, constant(drawInt(random, 40))]])
    .gauge("container.filesystem.available", "By", [[{}, bytes(100_000 * MIB)]])
    .gauge("container.filesystem.capacity", "By", [[{}, constant(212_000_000_000)]])
    .gauge("container.filesystem.usage", "By", [[{}, bytes(60 * MIB)]])
    .scope(CLUSTER, VERSION)
    .gauge("k8s.container.cpu_request", "{cpu}", [[{}, constant(0.25)]])
    .gauge("k8s.container.cpu_limit", "{cpu}", [[{}, constant(1)]])
    .gauge("k8s.container.memory_request", "By", [[{}, constant(512 * MIB)]])
    .gauge("k8s.container.memory_limit", "By", [[{}, constant(1024 * MIB)]])
    .gauge("k8s.container.restarts", "{restart}", [[{}, constant(drawInt(random, 3))]])
    .gauge("k8s.container.ready", "", [[{}, constant(1)]]);
}

function loadOf(random: () => number) {
  const cores = 0.02 + 0.4 * random() ** 2;
  return {
    cpu: gauge("asDouble", cores, cores / 4, 1e-9, 0),
    cpuTime: { ...counter("asDouble", 1e5 * random(), 15 * cores, 0) },
    memory: (center: number) => gauge("asInt", center * (0.3 + random()), 2 ** 18, 4096, 0.5),
    bytes: (center: number) => gauge("asInt", center * (0.3 + random()), 2 ** 14, 4096, 0.7),
  };
}

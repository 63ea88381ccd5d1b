/** Attribute names in use: OpenTelemetry's where it has one, else `yunwei.*`. Resource attributes unless said. */
export const ATTR = {
  serviceName: "service.name",
  serviceNamespace: "service.namespace",
  serviceInstanceId: "service.instance.id",
  serviceVersion: "service.version",
  hostName: "host.name",
  hostId: "host.id",
  podUid: "k8s.pod.uid",
  podName: "k8s.pod.name",
  dbSystem: "db.system.name",
  /** Span attribute of a client call: the logical name of what is called when it has no spans of its own. */
  peerService: "service.peer.name",
  peerServiceOld: "peer.service",
  serverAddress: "server.address",
  messagingSystem: "messaging.system",
  messagingDestination: "messaging.destination.name",
  site: "yunwei.site",
  tier: "yunwei.tier",
  department: "yunwei.department",
  rack: "yunwei.rack",
  /** On a VM: `host.name` of the physical host it runs on. */
  hypervisor: "yunwei.hypervisor",
  /** Explicit identity for what OpenTelemetry has no resource for (links, racks, storage pools, devices). */
  entityType: "yunwei.entity.type",
  entityId: "yunwei.entity.id",
} as const;

/** Metrics that Yunwei derives itself (producer: anomaly, from spans and logs) or that our probes send. */
export const METRIC = {
  /** Requests served per second by a service, from server and consumer spans; `1/s`. */
  serviceRate: "yunwei.service.rate",
  /** Share of failed requests of a service, 0..1. */
  serviceErrorRatio: "yunwei.service.error_ratio",
  /** Mean duration of served requests of a service; `s`. */
  serviceDuration: "yunwei.service.duration",
  /** Mean time a service spends itself: span duration minus its child client spans; `s`. */
  serviceSelfTime: "yunwei.service.self_time",
  /** Calls per second on an edge caller -> callee, from client spans; `1/s`. */
  edgeRate: "yunwei.edge.rate",
  /** Share of failed calls on an edge, as the caller saw them, 0..1. */
  edgeErrorRatio: "yunwei.edge.error_ratio",
  /** Mean of client span duration minus its server span: the time on the wire and in queues; `s`. */
  edgeGap: "yunwei.edge.gap",
  /** Log records of severity ERROR or above per second of an entity; `1/s`. */
  logErrorRate: "yunwei.log.error_rate",
  /** Round-trip time over a link, from its probe; `s`. */
  linkRtt: "yunwei.link.rtt",
  /** Loss ratio over a link, from its probe, 0..1. */
  linkLoss: "yunwei.link.loss",
  /** 1 while the link carries traffic, 0 when down. */
  linkUp: "yunwei.link.up",
  /** Power drawn by a rack; `W`. */
  rackPower: "yunwei.rack.power",
  /** Seconds until a TLS certificate expires; may be negative; `s`. */
  certificateRemaining: "yunwei.tls.certificate.remaining",
} as const;

import type { Words } from "./words.ts";

/** English names of entity types and failure modes, as titles, notifications and pages say them. */
export const EN_WORDS: Words = {
  entityTypes: {
    site: "site",
    rack: "rack",
    link: "link",
    device: "device",
    host: "host",
    vm: "VM",
    pod: "pod",
    instance: "instance",
    service: "service",
    database: "database",
    queue: "queue",
    storage: "storage",
    edge: "calls",
    process: "process",
  },
  modes: {
    cpu_saturation: "CPU saturated",
    memory_exhaustion: "memory exhausted",
    disk_full: "disk full",
    disk_slow: "disk slow",
    process_crash: "process crashed",
    slow_self: "slow by itself",
    error_self: "failing by itself",
    network_delay: "network delay",
    network_loss: "packet loss",
    link_down: "link down",
    power_loss: "power lost",
    bad_change: "broken by a change",
    certificate_expired: "certificate expired",
    lock_contention: "lock contention",
  },
};

import type { Words } from "./words.ts";

/** Chinese (zh-CN) names of entity types and failure modes, as titles, notifications and pages say them. */
export const ZH_WORDS: Words = {
  entityTypes: {
    site: "节点",
    rack: "机柜",
    link: "链路",
    device: "设备",
    host: "主机",
    vm: "虚拟机",
    pod: "容器组",
    instance: "实例",
    service: "服务",
    database: "数据库",
    queue: "消息队列",
    storage: "存储",
    edge: "调用",
    process: "进程",
  },
  modes: {
    cpu_saturation: "CPU 饱和",
    memory_exhaustion: "内存耗尽",
    disk_full: "磁盘写满",
    disk_slow: "磁盘变慢",
    process_crash: "进程崩溃",
    slow_self: "自身处理变慢",
    error_self: "自身报错增多",
    network_delay: "网络延迟升高",
    network_loss: "网络丢包",
    link_down: "链路中断",
    power_loss: "断电",
    bad_change: "变更引发故障",
    certificate_expired: "证书到期",
    lock_contention: "锁争用",
  },
};

import { metrics } from "@opentelemetry/api";

const meter = metrics.getMeter("@yunwei/notify");

/** Sendings, by `channel` and `outcome` (`sent`, `failed`, `dead`). */
export const deliveries = meter.createCounter("yunwei.notify.deliveries", {
  unit: "{delivery}",
  description: "Sendings of notifications by channel and outcome",
});

/** From an entry in an incident's log until a channel took the notification of it, holds included. */
export const deliveryDelay = meter.createHistogram("yunwei.notify.delay", { unit: "s", description: "From the incident's event to its notification" });

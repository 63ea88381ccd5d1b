import { metrics } from "@opentelemetry/api";

const meter = metrics.getMeter("@yunwei/itsm");

/** Entries written to logs of incidents, by `event` as recorded. */
export const incidentEvents = meter.createCounter("yunwei.itsm.incident_events", { unit: "{event}", description: "Entries written to the logs of incidents" });

/** Changes taken in, by `kind`. */
export const changesRecorded = meter.createCounter("yunwei.itsm.changes", { unit: "{change}", description: "Changes recorded" });

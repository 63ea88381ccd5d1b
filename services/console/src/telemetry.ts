import { metrics } from "@opentelemetry/api";

const meter = metrics.getMeter("@yunwei/console");

/** Attempts to sign in, by `outcome`: `ok`, `refused` (name or password wrong), `limited` (too many attempts). */
export const signIns = meter.createCounter("yunwei.console.sign_ins", { unit: "{attempt}", description: "Attempts to sign in" });

import { type DestinationStream, type Logger, pino } from "pino";

export type { Logger } from "pino";

/** One wide structured line per unit of work, JSON on `destination` (default stderr). Secrets are never passed in; these paths are redacted all the same. */
export function createLogger(service: string, level = "info", destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    redact: ["*.password", "*.token", "*.authorization", "*.cookie", "req.headers.authorization", "req.headers.cookie"],
  };
  return destination === undefined ? pino(options, pino.destination({ dest: 2, sync: true })) : pino(options, destination);
}

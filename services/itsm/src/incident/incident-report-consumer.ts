import { type Bus, type DeliveredMessage, decodeJson, type Subscription } from "@yunwei/bus";
import { RCA_REPORT_TOPIC, RcaReport } from "@yunwei/schemas";
import { type Logger, YunweiError } from "@yunwei/service-kit";
import { Value } from "typebox/value";
import type { IncidentDesk } from "./incident-desk.ts";

/**
 * Reports of causes -> incidents. A message that is no report, or that the life cycle refuses, is told of in the log and
 * passed over: it would be refused for ever. Anything else (the database away) makes the bus deliver again.
 */
export async function consumeReports(bus: Bus, desk: IncidentDesk, logger: Logger): Promise<Subscription> {
  return bus.subscribe({ topic: RCA_REPORT_TOPIC, groupId: "itsm" }, async (batch) => {
    for (const message of batch) {
      const report = decodeReport(message, logger);
      if (report === undefined) continue;
      try {
        const entries = await desk.takeReport(report, message.timestampMs);
        logger.debug({ groupId: report.groupId, revision: report.revision, verdict: report.verdict, entries }, "took a report");
      } catch (error) {
        if (!(error instanceof YunweiError) || error.retryable) throw error;
        logger.error({ err: error, groupId: report.groupId, revision: report.revision, offset: message.offset }, "passed over a report");
      }
    }
  });
}

function decodeReport(message: DeliveredMessage, logger: Logger): RcaReport | undefined {
  const where = { topic: message.topic, partition: message.partition, offset: message.offset };
  try {
    const value = decodeJson(message.value);
    if (Value.Check(RcaReport, value)) return value;
    logger.error({ ...where, problems: [...Value.Errors(RcaReport, value)].slice(0, 5) }, "passed over a message that is no RCA report");
  } catch (error) {
    logger.error({ ...where, err: error }, "passed over a message that is no JSON");
  }
  return undefined;
}

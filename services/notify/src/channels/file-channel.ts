import { appendFile } from "node:fs/promises";
import { type Logger, YunweiError } from "@yunwei/service-kit";
import type { Channel, Delivery } from "./channel.ts";

export type TextLanguage = "zh" | "en" | "both";

/** Appends the exact texts to a file, durably, and logs one line: works on every machine, without anything else. */
export function fileChannel(name: string, path: string, language: TextLanguage, logger: Logger): Channel {
  return {
    name,
    async send(delivery) {
      try {
        await appendFile(path, entryOf(delivery, language), { flush: true, mode: 0o640 });
      } catch (cause) {
        throw new YunweiError("YUNWEI_CHANNEL_FAILED", `Cannot write to ${path}: check the disk and who owns the data folder.`, { cause });
      }
      const { incident, kind } = delivery;
      logger.info({ notificationId: delivery.notificationId, incidentId: incident.incidentId, number: incident.number, kind }, firstLine(delivery, language));
    },
  };
}

function entryOf(delivery: Delivery, language: TextLanguage): string {
  const head = `--- ${new Date(delivery.nowMs).toISOString()} ${delivery.incident.number} ${delivery.kind} ${delivery.notificationId}`;
  const texts = language === "both" ? [delivery.text.zh, delivery.text.en] : [delivery.text[language]];
  return `${[head, ...texts].join("\n")}\n\n`;
}

function firstLine(delivery: Delivery, language: TextLanguage): string {
  return delivery.text[language === "en" ? "en" : "zh"].split("\n")[0]!;
}

import type { IncidentMessage, IncidentSnapshot } from "@yunwei/schemas";
import type { Logger } from "@yunwei/service-kit";
import type { State } from "@yunwei/state";
import type { Channel } from "../channels/channel.ts";
import { EN } from "../messages/en.ts";
import { ZH } from "../messages/zh.ts";
import { deliveries, deliveryDelay } from "../telemetry.ts";
import { phoneText } from "../text/phone-text.ts";
import { incidentLink } from "./incident-link.ts";
import { buryUnknownChannels, claim, dueNotifications, keepTexts, markFailed, markSent, type NotificationRow } from "./notification-store.ts";

const TICK_MS = 1000;
const BATCH = 20;
/** Longer than any channel's timeout: until then a row that was begun counts as under way. */
const LEASE_MS = 90_000;
/** The first try and five more. */
const MAX_TRIES = 6;
const FIRST_PAUSE_MS = 5000;

export interface SenderOptions {
  readonly state: State;
  readonly logger: Logger;
  readonly nowMs: () => number;
  readonly baseUrl: () => string;
  readonly channels: () => readonly Channel[];
}

export interface Sender {
  wake(): void;
  /** Finishes what is under way. Idempotent. */
  close(): Promise<void>;
}

/** Sends what is due, each channel at its own pace: one that hangs holds up no other. */
export function startSender(options: SenderOptions): Sender {
  const underWay = new Map<string, Promise<void>>();
  let again = false;
  let closed = false;
  const round = () => {
    if (closed) return;
    for (const channel of options.channels()) {
      if (underWay.has(channel.name)) {
        again = true;
        continue;
      }
      const work = drain(channel, options, () => closed)
        .catch((error: unknown) => options.logger.warn({ err: error, channel: channel.name }, "notifications wait: the database does not answer"))
        .finally(() => {
          underWay.delete(channel.name);
          if (!again) return;
          again = false;
          round();
        });
      underWay.set(channel.name, work);
    }
  };
  let burying: Promise<void> | undefined;
  const timer = setInterval(() => {
    round();
    burying ??= bury(options).finally(() => {
      burying = undefined;
    });
  }, TICK_MS);
  return {
    wake: round,
    async close() {
      closed = true;
      clearInterval(timer);
      await Promise.all([...underWay.values(), burying]);
    },
  };
}

async function bury({ state, channels, nowMs, logger }: SenderOptions): Promise<void> {
  try {
    const known = channels().map((channel) => channel.name);
    const buried = await buryUnknownChannels(state, known, nowMs());
    if (buried > 0) logger.error({ buried }, "gave up notifications for channels that are no longer configured");
  } catch (error) {
    logger.warn({ err: error }, "notifications wait: the database does not answer");
  }
}

async function drain(channel: Channel, options: SenderOptions, isClosed: () => boolean): Promise<void> {
  for (;;) {
    const due = await dueNotifications(options.state, channel.name, options.nowMs(), BATCH);
    for (const notificationId of due) {
      if (isClosed()) return;
      const row = await claim(options.state, notificationId, options.nowMs(), options.nowMs() + LEASE_MS);
      if (row !== undefined) await sendOne(channel, row, options);
    }
    if (due.length === 0 || isClosed()) return;
  }
}

async function sendOne(channel: Channel, row: NotificationRow, options: SenderOptions): Promise<void> {
  const { state, logger, nowMs } = options;
  const message = row.message!;
  const facts = { channel: channel.name, notificationId: row.notification_id, number: row.number, kind: row.kind, tries: row.tries };
  try {
    if (row.tries > MAX_TRIES) throw new Error("every sending was cut off");
    const text = textOf(row, message, options);
    if (row.text_zh === null) await keepTexts(state, row.notification_id, text.zh, text.en);
    await channel.send({ notificationId: row.notification_id, kind: row.kind, text, incident: message.incident, nowMs: nowMs() });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const dead = row.tries >= MAX_TRIES;
    await markFailed(state, row.notification_id, reason, nowMs(), dead ? undefined : nowMs() + pauseMs(row.tries));
    deliveries.add(1, { channel: channel.name, outcome: dead ? "dead" : "failed" });
    if (dead) logger.error({ ...facts, reason }, "gave up a notification; it stays as a dead letter");
    else logger.warn({ ...facts, reason }, "a notification failed and will be tried again");
    return;
  }
  await markSent(state, row.notification_id, nowMs());
  deliveries.add(1, { channel: channel.name, outcome: "sent" });
  deliveryDelay.record(Math.max(nowMs() - Date.parse(message.at), 0) / 1000, { channel: channel.name });
  logger.debug(facts, "sent a notification");
}

function textOf(row: NotificationRow, message: IncidentMessage, { nowMs, baseUrl }: SenderOptions): { zh: string; en: string } {
  if (row.text_zh !== null && row.text_en !== null) return { zh: row.text_zh, en: row.text_en };
  const facts = { kind: row.kind, message, link: incidentLink(baseUrl(), message.incident as IncidentSnapshot), nowMs: nowMs() };
  return { zh: phoneText(facts, ZH, "zh"), en: phoneText(facts, EN, "en") };
}

/** 5, 10, 20, 40, 80 s, each up to half more or less, so that many that failed together do not come back together. */
function pauseMs(tries: number): number {
  return FIRST_PAUSE_MS * 2 ** (tries - 1) * (0.5 + Math.random());
}

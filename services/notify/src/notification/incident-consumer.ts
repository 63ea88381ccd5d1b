import { type Bus, type DeliveredMessage, decodeJson, type Subscription } from "@yunwei/bus";
import { INCIDENT_TOPIC, IncidentMessage } from "@yunwei/schemas";
import { contentId, type Logger } from "@yunwei/service-kit";
import type { Queryable, State } from "@yunwei/state";
import { Value } from "typebox/value";
import type { ChannelsConfig } from "../routing/channels-config.ts";
import { channelsFor } from "../routing/route.ts";
import { causeOf, kindOf } from "./notification-kind.ts";
import { type ChannelHistory, decide } from "./notification-rules.ts";
import { historiesOf, insertNotification, refreshFirst } from "./notification-store.ts";

export interface IncidentConsumerOptions {
  readonly state: State;
  readonly bus: Bus;
  readonly logger: Logger;
  readonly nowMs: () => number;
  readonly config: () => ChannelsConfig;
  /** Called when something may be due. */
  readonly wake: () => void;
}

const NOT_TOLD: ChannelHistory = { firstHeld: false };

/** Entries of incidents' logs -> rows of table notification. Taking in the same entry again changes nothing. */
export async function consumeIncidents(options: IncidentConsumerOptions): Promise<Subscription> {
  const { bus, state, logger } = options;
  return bus.subscribe({ topic: INCIDENT_TOPIC, groupId: "notify" }, async (batch) => {
    for (const delivered of batch) {
      const message = decodeMessage(delivered, logger);
      if (message === undefined) continue;
      await state.transaction((tx) => takeIn(tx, message, options.config(), options.nowMs()));
    }
    options.wake();
  });
}

async function takeIn(tx: Queryable, message: IncidentMessage, config: ChannelsConfig, nowMs: number): Promise<void> {
  const histories = await historiesOf(tx, message.incidentId);
  const kind = kindOf(message);
  const routed = kind === undefined ? [] : channelsFor(config, message.incident, kind);
  // A channel with a held first message hears of everything, whatever its routes say of this entry.
  const held = [...histories].filter(([, history]) => history.firstHeld).map(([channel]) => channel);
  for (const channel of new Set([...routed, ...held])) {
    await takeInForChannel(tx, message, channel, histories.get(channel) ?? NOT_TOLD, routed.includes(channel), nowMs);
  }
  if (kind !== undefined && routed.length === 0) {
    await insertNotification(tx, { ...rowOf(message, ""), kind, state: "skipped", reason: "no route leads to a channel", notBeforeMs: nowMs }, nowMs);
  }
}

async function takeInForChannel(
  tx: Queryable,
  message: IncidentMessage,
  channel: string,
  history: ChannelHistory,
  routed: boolean,
  nowMs: number,
): Promise<void> {
  const { kind, state, reason, notBeforeMs, refreshFirst: refresh, releaseFirst } = decide(message, history);
  if (routed && kind !== undefined && state !== undefined) {
    const fresh = await insertNotification(tx, { ...rowOf(message, channel), kind, state, reason, notBeforeMs }, nowMs);
    if (!fresh) return;
  }
  if (refresh) await refreshFirst(tx, channel, message, causeOf(message.incident.report), releaseFirst, nowMs);
}

function rowOf(message: IncidentMessage, channel: string) {
  const notificationId = contentId("notification", message.incidentId, message.seq, channel);
  return { notificationId, channel, causeTold: causeOf(message.incident.report), message };
}

function decodeMessage(delivered: DeliveredMessage, logger: Logger): IncidentMessage | undefined {
  const where = { topic: delivered.topic, partition: delivered.partition, offset: delivered.offset };
  try {
    const value = decodeJson(delivered.value);
    if (Value.Check(IncidentMessage, value)) return value;
    logger.error({ ...where, problems: [...Value.Errors(IncidentMessage, value)].slice(0, 5) }, "passed over a message that is no incident entry");
  } catch (error) {
    logger.error({ ...where, err: error }, "passed over a message that is no JSON");
  }
  return undefined;
}

import { join } from "node:path";
import type { Bus } from "@yunwei/bus";
import { INCIDENT_TOPIC, TOPICS } from "@yunwei/schemas";
import type { Logger } from "@yunwei/service-kit";
import type { State } from "@yunwei/state";
import type { FastifyPluginAsync } from "fastify";
import type { Channel } from "./channels/channel.ts";
import { fileChannel } from "./channels/file-channel.ts";
import { webhookChannel } from "./channels/webhook-channel.ts";
import { consumeIncidents } from "./notification/incident-consumer.ts";
import { notificationRoutes } from "./notification/notification.routes.ts";
import { startSender } from "./notification/notification-sender.ts";
import type { ChannelSettings, ChannelsConfig } from "./routing/channels-config.ts";
import { followChannelsFile } from "./routing/channels-file.ts";

const DEFAULT_TIMEOUT_MS = 10_000;

export interface NotifyOptions {
  /** Migrated (schemas/postgres). */
  readonly state: State;
  readonly bus: Bus;
  readonly logger: Logger;
  /** Process clock, Unix milliseconds. */
  readonly nowMs: () => number;
  /** Holds channels.yaml (optional) and notifications.log. */
  readonly dataFolder: string;
  /** Address of the console, asked at each sending: it may be known only after the start. */
  readonly baseUrl: () => string;
}

export interface Notify {
  readonly routes: FastifyPluginAsync;
  /** Takes no new work, finishes what is under way. Idempotent. */
  close(): Promise<void>;
}

/** Incidents in, messages to people out: each entry at most once for a channel, and why for each. */
export async function createNotify({ state, bus, logger, nowMs, dataFolder, baseUrl }: NotifyOptions): Promise<Notify> {
  await bus.ensureTopics(TOPICS.filter((topic) => topic.name === INCIDENT_TOPIC));
  const file = await followChannelsFile(dataFolder, logger);
  const channels = channelMaker(dataFolder, logger);
  const sender = startSender({ state, logger, nowMs, baseUrl, channels: () => channels(file.current()) });
  const subscription = await consumeIncidents({ state, bus, logger, nowMs, config: () => file.current(), wake: () => sender.wake() });
  return {
    routes: notificationRoutes(state),
    close: async () => {
      file.close();
      await subscription.close();
      await sender.close();
    },
  };
}

/** Channels of a configuration, made once for each. */
function channelMaker(dataFolder: string, logger: Logger): (config: ChannelsConfig) => readonly Channel[] {
  const made = new WeakMap<ChannelsConfig, readonly Channel[]>();
  return (config) => {
    const known = made.get(config);
    if (known !== undefined) return known;
    const fresh = config.channels.map((settings) => makeChannel(settings, dataFolder, logger));
    made.set(config, fresh);
    return fresh;
  };
}

function makeChannel(settings: ChannelSettings, dataFolder: string, logger: Logger): Channel {
  if (settings.type === "file") return fileChannel(settings.name, join(dataFolder, "notifications.log"), settings.language ?? "both", logger);
  return webhookChannel({ name: settings.name, url: settings.url, secret: settings.secret, timeoutMs: settings.timeoutMs ?? DEFAULT_TIMEOUT_MS });
}

import { join } from "node:path";
import { type FollowedFile, followFile, type Logger } from "@yunwei/service-kit";
import { type ChannelsConfig, DEFAULT_CHANNELS, parseChannelsConfig } from "./channels-config.ts";

/** Follows channels.yaml in the data folder; without it everything goes to notifications.log. */
export function followChannelsFile(dataFolder: string, logger: Logger): Promise<FollowedFile<ChannelsConfig>> {
  return followFile({ path: join(dataFolder, "channels.yaml"), parse: parseChannelsConfig, fallback: DEFAULT_CHANNELS, logger });
}

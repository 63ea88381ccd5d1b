import { type Bus, brokersOf, configuredKafka, openEmbeddedBus, openKafkaBus } from "@yunwei/bus";
import type { StandaloneConfig } from "./config.ts";

/**
 * The bus that the settings name: Kafka where brokers are given, else the embedded one in `folder`.
 * @throws YunweiError YUNWEI_CONFIG_INVALID for security settings that cannot work, YUNWEI_BUS_UNAVAILABLE when the brokers do not answer or refuse us
 */
export async function openBus(config: StandaloneConfig, folder: string, onTrouble: (message: string) => void): Promise<Bus> {
  if (brokersOf(config.YUNWEI_KAFKA_BROKERS).length === 0) return openEmbeddedBus({ folder, onTrouble });
  return openKafkaBus({ ...(await configuredKafka(config)), clientId: `yunwei-${process.pid}`, onTrouble });
}

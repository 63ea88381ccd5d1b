import { type Bus, openEmbeddedBus, openKafkaBus, readKafkaSecurity } from "@yunwei/bus";
import type { StandaloneConfig } from "./config.ts";

/**
 * The bus that the settings name: Kafka where brokers are given, else the embedded one in `folder`.
 * @throws YunweiError YUNWEI_CONFIG_INVALID for security settings that cannot work, YUNWEI_BUS_UNAVAILABLE when the brokers do not answer or refuse us
 */
export async function openBus(config: StandaloneConfig, folder: string, onTrouble: (message: string) => void): Promise<Bus> {
  const brokers = config.YUNWEI_KAFKA_BROKERS.split(",")
    .map((broker) => broker.trim())
    .filter((broker) => broker !== "");
  if (brokers.length === 0) return openEmbeddedBus({ folder, onTrouble });
  const security = await readKafkaSecurity({
    tls: config.YUNWEI_KAFKA_TLS,
    caFile: config.YUNWEI_KAFKA_TLS_CA,
    certFile: config.YUNWEI_KAFKA_TLS_CERT,
    keyFile: config.YUNWEI_KAFKA_TLS_KEY,
    servername: config.YUNWEI_KAFKA_TLS_SERVERNAME,
    mechanism: config.YUNWEI_KAFKA_SASL_MECHANISM,
    username: config.YUNWEI_KAFKA_SASL_USERNAME,
    passwordFile: config.YUNWEI_KAFKA_SASL_PASSWORD_FILE,
  });
  const instanceId = config.YUNWEI_KAFKA_INSTANCE_ID;
  return openKafkaBus({
    ...security,
    driver: config.YUNWEI_KAFKA_DRIVER,
    brokers,
    clientId: `yunwei-${process.pid}`,
    ...(instanceId === "" ? {} : { instanceId }),
    onTrouble,
  });
}

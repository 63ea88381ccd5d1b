import { type SecureDoor, TestAuthority } from "@yunwei/testkit";
import { describe, expect, it } from "vitest";
import { type KafkaBusOptions, type KafkaDriverName, openKafkaBus } from "./kafka-bus.ts";
import { SASL_MECHANISMS, type SaslMechanism } from "./kafka-connection.ts";

/** What either driver promises behind TLS with certificates on both sides and a login. */
export function kafkaSecurity(driver: KafkaDriverName, door: SecureDoor): void {
  describe(`KafkaBus on ${driver} behind TLS and a login`, () => {
    const { brokers, ca, cert, key, username, password } = door;
    const settings = (mechanism: SaslMechanism): KafkaBusOptions => ({
      driver,
      brokers,
      clientId: "secure",
      tls: { ca, cert, key },
      sasl: { mechanism, username, password },
    });

    it.each(SASL_MECHANISMS)("publishes and delivers with %s", async (mechanism) => {
      const bus = await openKafkaBus(settings(mechanism));
      const topic = `secure-${driver}-${mechanism}-${process.pid}`;
      await bus.ensureTopics([{ name: topic, producer: "test", consumers: [], partitions: 2, retentionHours: 1, retentionBytes: 1 << 30 }]);
      const seen: string[] = [];
      const subscription = await bus.subscribe({ topic, groupId: "g" }, async (batch) => {
        seen.push(...batch.map((one) => Buffer.from(one.value).toString()));
      });
      const values = Array.from({ length: 50 }, (_, i) => String(i));
      await bus.publish(
        topic,
        values.map((value) => ({ key: value, value: Buffer.from(value) })),
      );
      await expect.poll(() => [...seen].sort(), { timeout: 30_000 }).toEqual([...values].sort());
      await expect.poll(() => subscription.lag(), { timeout: 30_000 }).toBe(0);
      await bus.close();
    });

    const refused = async (options: KafkaBusOptions): Promise<Error & { code?: string }> => {
      // Patience is for brokers that are away: a refusal must not wait for it to end.
      const outcome = await openKafkaBus({ ...options, patienceMs: 3_600_000 }).catch((error: unknown) => error);
      expect(outcome).toBeInstanceOf(Error);
      return outcome as Error;
    };

    it.each(["PLAIN", "SCRAM-SHA-512"] as const)("says at once that a password is wrong with %s, and does not show it", async (mechanism) => {
      const error = await refused({ ...settings(mechanism), sasl: { mechanism, username, password: "not-the-password" } });
      expect(error).toMatchObject({ code: "YUNWEI_BUS_UNAVAILABLE" });
      expect(error.message).toContain(brokers[0]);
      expect(error.message).toContain("the login is refused");
      expect(JSON.stringify(error) + error.message + String(error.stack)).not.toContain("not-the-password");
    });

    it("says at once that the broker's certificate is not of a trusted authority", async () => {
      const error = await refused({ ...settings("PLAIN"), tls: { ca: new TestAuthority("another").ca, cert, key } });
      expect(error).toMatchObject({ code: "YUNWEI_BUS_UNAVAILABLE" });
      expect(error.message).toContain(brokers[0]);
      expect(error.message).toContain("no trusted TLS connection");
    });

    it("says at once that the broker's certificate has another name", async () => {
      const error = await refused({ ...settings("PLAIN"), tls: { ca, cert, key, servername: "elsewhere.test" } });
      expect(error.message).toContain("no trusted TLS connection");
      expect(error.message).toContain("elsewhere.test");
    });

    it("does not wait for ever when the broker wants a certificate that we do not have", async () => {
      const outcome = await openKafkaBus({ ...settings("PLAIN"), tls: { ca }, patienceMs: 1_000 }).catch((error: unknown) => error);
      expect(outcome).toMatchObject({ code: "YUNWEI_BUS_UNAVAILABLE" });
    });
  });
}

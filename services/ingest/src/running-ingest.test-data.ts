import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Bus, openEmbeddedBus } from "@yunwei/bus";
import { RequestReader } from "@yunwei/otlp";
import { TOPICS } from "@yunwei/schemas";
import { createLogger } from "@yunwei/service-kit";
import { migrateStore, openEmbeddedStore, type Store } from "@yunwei/store";
import { expect } from "vitest";
import { createIngest, type Ingest, type IngestDependencies } from "./app.ts";
import { hashOfSecret, TokenBook } from "./domain/ingest-token.ts";
import { Admission } from "./gateway/admission.ts";

/** Of a sender that says for itself where its data belongs, and of one whose place is fixed. */
export const SECRET = "a-test-secret-of-enough-length";
export const CITY_SECRET = "another-test-secret-for-suzhou";

const schemaFolder = fileURLToPath(new URL("../../../schemas/clickhouse", import.meta.url));
const logger = createLogger("ingest", "silent");
const tokens = [
  { id: "local", sha256: hashOfSecret(SECRET) },
  { id: "suzhou", sha256: hashOfSecret(CITY_SECRET), site: "suzhou", tier: "backbone", department: "portal" },
];

export interface RunningIngest {
  readonly ingest: Ingest;
  readonly bus: Bus;
  readonly store: Store;
  /** Ports of the HTTP and the gRPC door. */
  readonly httpPort: number;
  readonly grpcPort: number;
  /** What doors have whose bus is away. */
  readonly admissionWithoutBus: Admission;
  /** Resolves when all that was taken is in the tables. */
  stored(): Promise<void>;
  close(): Promise<void>;
}

/** Ingest on the real embedded engines, in a folder of its own. */
export async function runIngest(changes: Partial<IngestDependencies> = {}): Promise<RunningIngest> {
  const folder = await mkdtemp(join(tmpdir(), "yunwei-ingest-"));
  const bus: Bus = await openEmbeddedBus({ folder: join(folder, "bus") });
  await bus.ensureTopics(TOPICS);
  const store = await openEmbeddedStore({ folder: join(folder, "clickhouse") });
  await migrateStore(store, schemaFolder);
  const ingest = await createIngest({ bus, store, logger, nowMs: Date.now, tokens, ...changes });
  ingest.server.listen(0, "127.0.0.1");
  await once(ingest.server, "listening");
  const closedBus = await openEmbeddedBus({ folder: join(folder, "closed-bus") });
  await closedBus.ensureTopics(TOPICS);
  await closedBus.close();
  return {
    ingest,
    bus,
    store,
    httpPort: (ingest.server.address() as AddressInfo).port,
    grpcPort: await ingest.grpc.bind("127.0.0.1", 0),
    admissionWithoutBus: new Admission({ bus: closedBus, reader: new RequestReader(0), tokens: new TokenBook(tokens), logger, nowMs: Date.now }),
    stored: () => expect.poll(() => ingest.lag(), { timeout: 30_000 }).toBe(0),
    close: async () => {
      await ingest.grpc.close();
      ingest.server.closeAllConnections();
      ingest.server.close();
      await ingest.close();
      await bus.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

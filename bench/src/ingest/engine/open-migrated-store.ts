import { fileURLToPath } from "node:url";
import { migrateStore, openEmbeddedStore, type Store } from "@yunwei/store";

const MIGRATIONS = fileURLToPath(new URL("../../../../schemas/clickhouse", import.meta.url));

/** The product's embedded store with its tables. */
export async function openMigratedStore(folder: string): Promise<Store> {
  const store = await openEmbeddedStore({ folder });
  await migrateStore(store, MIGRATIONS);
  return store;
}

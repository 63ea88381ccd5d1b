import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { otlpJsonToProtobuf } from "@yunwei/otlp";
import { ApiClient, sendOtlp, spawnStandalone } from "@yunwei/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";

const HOOK = new URL("./throw-in-data-plane.test-data.ts", import.meta.url).href;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "yunwei-crash-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const logs = (count: number): Uint8Array =>
  otlpJsonToProtobuf(
    "logs",
    Buffer.from(
      JSON.stringify({
        resourceLogs: [
          {
            resource: { attributes: [{ key: "host.name", value: { stringValue: "db-7" } }] },
            scopeLogs: [
              {
                logRecords: Array.from({ length: count }, (_, i) => ({
                  timeUnixNano: `${Date.now()}000000`,
                  severityNumber: 9,
                  body: { stringValue: `line ${i}` },
                })),
              },
            ],
          },
        ],
      }),
    ),
  );

it("ends when the data plane does, says why, and has lost nothing when it is started again", async () => {
  const first = await spawnStandalone({ dataFolder: folder, variables: { NODE_OPTIONS: `--import ${HOOK}` } });
  await sendOtlp(first, "logs", logs(500));
  await writeFile(join(folder, "throw-now"), "");
  await first.ended;
  expect(first.child.signalCode).toBe("SIGKILL");
  expect(await readFile(join(folder, "standalone.log"), "utf8")).toContain("thrown on purpose in the data plane");
  await rm(join(folder, "throw-now"));
  const again = await spawnStandalone({ dataFolder: folder, password: first.password });
  const api = await ApiClient.signIn(again);
  const stored = async (): Promise<number> => {
    const { tables } = await api.get<{ tables: readonly { table: string; rows: number }[] }>("/system");
    return tables.find(({ table }) => table === "logs")?.rows ?? 0;
  };
  await expect.poll(stored, { timeout: 60_000, interval: 500 }).toBe(500);
  expect(await again.stop()).toBe(0);
});

import { parentPort, workerData } from "node:worker_threads";
import { linkThreads, type ThreadLink } from "@yunwei/service-kit";
import { openEmbeddedBus } from "../embedded/embedded-bus.ts";
import type { BusCallbacks } from "./bus-calls.ts";
import { serveBus } from "./serve-bus.ts";

/** A thread with an embedded bus in the folder `workerData`, for the thread that has started it. */
const bus = await openEmbeddedBus({ folder: workerData as string });
const calls = {
  ...serveBus(bus, {
    handle: (...args) => link.remote.handle(...args),
    cut: (...args) => link.remote.cut(...args),
  }),
  async stop() {
    await bus.close();
    setImmediate(() => parentPort!.close());
  },
};
const link: ThreadLink<BusCallbacks> = linkThreads(parentPort!, calls);

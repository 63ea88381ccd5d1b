import { existsSync } from "node:fs";
import { join } from "node:path";
import { isMainThread } from "node:worker_threads";

/** For `--import`: the data plane of a standalone throws when its data folder has a file `throw-now`. */
const POLL_MS = 50;
const file = join(process.env["YUNWEI_DATA"] ?? "", "throw-now");
if (!isMainThread)
  setInterval(() => {
    if (existsSync(file)) throw new Error("thrown on purpose in the data plane");
  }, POLL_MS);

// Runs a TypeScript file of ours on a Node.js that can (24 or newer): this one, or the one that the project brings.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const NEEDED = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [file, ...rest] = process.argv.slice(2);
const target = resolve(root, file);

if (Number(process.versions.node.split(".")[0]) >= NEEDED) {
  process.argv = [process.argv[0], target, ...rest];
  await import(pathToFileURL(target).href);
} else {
  const brought = ["x64", "arm64"].map((arch) => join(root, "node_modules", `node-linux-${arch}`, "bin", "node")).find((path) => existsSync(path));
  if (brought === undefined) {
    process.stderr.write(
      `yunwei: Node.js ${NEEDED} or newer is needed and the packages brought none for ${process.platform}-${process.arch}: install one and run this again.\n`,
    );
    process.exit(1);
  }
  const child = spawn(brought, [fileURLToPath(import.meta.url), file, ...rest], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
}

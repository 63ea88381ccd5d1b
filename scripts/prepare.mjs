// Runs before every npm script, on any Node.js >= 20: brings the packages and the built console up to date, says what it
// does, and does nothing when all is there. No dependency: it must run before there are any.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const say = (text) => process.stderr.write(`yunwei: ${text}\n`);
const sha = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest("hex");

function fail(text) {
  say(text);
  process.exit(1);
}

if (Number(process.versions.node.split(".")[0]) < 20) fail(`Node.js ${process.versions.node} is too old: install version 20 or newer.`);

/** The node that npm itself runs on: the one in node_modules is replaced while we install. */
function outerNode() {
  return process.env.npm_node_execpath && existsSync(process.env.npm_node_execpath) ? process.env.npm_node_execpath : process.execPath;
}

function installPackages() {
  const stamp = join(root, "node_modules", ".yunwei-lock");
  const wanted = sha(readFileSync(join(root, "package-lock.json")));
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  say("installing packages (about 1.4 GB, once; engines included) ...");
  const started = Date.now();
  const npm = process.env.npm_execpath;
  const arguments_ = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const [command, parameters] = npm === undefined ? ["npm", arguments_] : [outerNode(), [npm, ...arguments_]];
  const result = spawnSync(command, parameters, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  if (result.status !== 0)
    fail("the packages could not be installed: see the lines above; check that the npm registry can be reached, then run the same command again.");
  writeFileSync(stamp, wanted);
  say(`packages installed in ${Math.round((Date.now() - started) / 1000)} s`);
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)]));
}

function buildConsole() {
  const web = join(root, "services", "console", "src", "web");
  if (!existsSync(web)) return;
  const dist = join(root, "services", "console", "dist");
  const stamp = join(dist, ".stamp");
  const inputs = [...filesBelow(web), join(root, "services", "console", "vite.config.ts"), join(root, "package-lock.json")];
  const wanted = sha(...inputs.map((file) => readFileSync(file)));
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  say("building the console ...");
  const started = Date.now();
  const result = spawnSync(innerNode(), [join(root, "node_modules", "vite", "bin", "vite.js"), "build", "--logLevel", "warn"], {
    cwd: join(root, "services", "console"),
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (result.status !== 0) fail("the console could not be built: see the lines above.");
  writeFileSync(stamp, wanted);
  say(`console built in ${Math.round((Date.now() - started) / 1000)} s`);
}

/** The Node.js that the project brings, else the one we run on. */
function innerNode() {
  for (const arch of ["x64", "arm64"]) {
    const path = join(root, "node_modules", `node-linux-${arch}`, "bin", "node");
    if (existsSync(path)) return path;
  }
  return process.execPath;
}

/** One preparation at a time: a second npm command waits for the first. */
function withLock(work) {
  const lock = join(root, ".cache", "prepare.lock");
  mkdirSync(join(root, ".cache"), { recursive: true });
  for (let waited = 0; ; waited++) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      const age = existsSync(lock) ? Date.now() - statSync(lock).mtimeMs : 0;
      if (age > 15 * 60_000) rmSync(lock, { recursive: true, force: true });
      else if (waited === 0) say("another command is preparing; waiting for it ...");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    }
  }
  try {
    work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

process.on("exit", (code) => {
  if (code !== 0) rmSync(join(root, ".cache", "prepare.lock"), { recursive: true, force: true });
});
withLock(() => {
  installPackages();
  buildConsole();
});

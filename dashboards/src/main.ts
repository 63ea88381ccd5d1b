import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { generatedFiles } from "./generated-files.ts";
import { lintDashboards } from "./lint/lint-dashboards.ts";

/** Writes dashboards/generated; with `--check` writes nothing and fails when a committed file differs. */
const folder = join(import.meta.dirname, "..", "generated");
const check = process.argv.includes("--check");
const files = generatedFiles();
const complaints = lintDashboards(files);
let differing = 0;

for (const [path, content] of files) {
  const target = join(folder, path);
  if ((await readFile(target, "utf8").catch(() => undefined)) === content) continue;
  differing++;
  if (check) {
    console.error(`dashboards/generated/${path} is not what the registry says: run npm run dashboards`);
    continue;
  }
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, content);
  console.log(`wrote dashboards/generated/${path}`);
}
for (const { rule, where, what } of complaints) console.error(`${rule}: ${where}: ${what}`);
if (complaints.length > 0 || (check && differing > 0)) process.exit(1);
console.log(`${files.size} files, ${differing} of them new or changed`);

import { runTool } from "./steps.ts";

/** A developer's inner loop: what `turbo` knows not to have changed is not run again. */
process.exit(
  runTool("turbo", "run", "check:lint", "check:types", "check:deps", "check:unused", "check:unit", "--output-logs=errors-only", "--ui=stream") ? 0 : 1,
);

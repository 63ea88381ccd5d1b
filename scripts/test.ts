import { type Counts, runVitest, STATIC_CHECKS } from "./steps.ts";

/** The whole test command: static checks, unit, integration on real engines, end to end. Ends with one plain line. */
const total: Counts = { passed: 0, failed: 0, skipped: 0 };
for (const { name, run } of STATIC_CHECKS) {
  console.log(`\n== ${name}`);
  if (run()) total.passed++;
  else {
    total.failed++;
    console.log(`FAILED: ${name}`);
  }
}
for (const project of ["unit", "integration", "e2e"]) {
  console.log(`\n== ${project}`);
  const counts = runVitest(project);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
}
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 ? 0 : 1);

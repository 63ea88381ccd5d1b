import { defineConfig } from "vitest/config";

const where = "{schemas,packages/*,services/*,dashboards,bench}/src/**";

/** Tiers by suffix: `.test.ts` pure and fast, `.int.test.ts` on real engines, `.e2e.test.ts` through the standalone. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: [`${where}/*.test.ts`, "scripts/*.test.ts"],
          exclude: ["**/node_modules/**", "**/*.int.test.ts", "**/*.e2e.test.ts"],
          testTimeout: 20_000,
        },
      },
      { test: { name: "integration", include: [`${where}/*.int.test.ts`], testTimeout: 120_000, hookTimeout: 180_000, maxWorkers: 2 } },
      { test: { name: "e2e", include: [`${where}/*.e2e.test.ts`], testTimeout: 600_000, hookTimeout: 180_000, maxWorkers: 1 } },
    ],
  },
});

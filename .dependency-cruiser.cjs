/** The one-way rule (design §2): schemas <- packages <- services <- standalone; inside a service domain <- the rest. */
const TEST = "\\.(test|contract|test-data)\\.tsx?$|/kill-[^/]+\\.ts$";
module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    { name: "schemas-know-nobody", severity: "error", from: { path: "^schemas/" }, to: { path: "^(packages|services|dashboards|bench)/" } },
    { name: "packages-know-no-service", severity: "error", from: { path: "^packages/" }, to: { path: "^(services|dashboards|bench)/" } },
    {
      name: "only-tests-know-testkit",
      severity: "error",
      from: { path: "^(packages|services)/", pathNot: [TEST, "^packages/testkit/"] },
      to: { path: "^packages/testkit/" },
    },
    {
      name: "services-meet-on-the-bus",
      severity: "error",
      from: { path: "^services/([^/]+)/", pathNot: "^services/standalone/" },
      to: { path: "^services/", pathNot: "^services/$1/" },
    },
    {
      name: "domain-is-pure",
      severity: "error",
      from: { path: "/src/domain/", pathNot: TEST },
      to: {
        path: "/src/(http|pipeline|adapters|gateway|writer)/|^packages/(bus|store|state|service-kit)/|node_modules/(fastify|pg|chdb)",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "domain-does-no-io",
      severity: "error",
      from: { path: "/src/domain/", pathNot: TEST },
      to: { dependencyTypes: ["core"], pathNot: "^(node:)?crypto$" },
    },
    { name: "schemas-do-no-io", severity: "error", from: { path: "^schemas/src/", pathNot: TEST }, to: { dependencyTypes: ["core"] } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    exclude: { path: "/dist/|/generated/|src/web/" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] },
  },
};

export { type Alerting, type AlertingDependencies, createAlerting } from "./app.ts";

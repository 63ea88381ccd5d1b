export { createRca, type Rca, type RcaDependencies } from "./app.ts";

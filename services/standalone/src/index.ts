export { StandaloneConfig } from "./config.ts";
export { takeDataFolder } from "./data-folder.ts";
export { type DataPlane, startDataPlane } from "./data-plane/start-data-plane.ts";

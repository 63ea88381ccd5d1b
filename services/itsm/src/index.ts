export { createItsm, type Itsm, type ItsmOptions } from "./itsm.ts";

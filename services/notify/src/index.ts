export { createNotify, type Notify, type NotifyOptions } from "./notify.ts";

export { type Console, type ConsoleDependencies, createConsole } from "./console.ts";

export { ERROR_CODES, type ErrorCode, YunweiError } from "@yunwei/schemas";
export { loadConfig } from "./config.ts";
export { contentId } from "./content-id.ts";
export { type FollowedFile, type FollowedFileOptions, followFile } from "./followed-file.ts";
export { type Authenticate, answerErrors, guardRoutes } from "./http.ts";
export { createLogger, type Logger } from "./logger.ts";
export { allows, PERMISSIONS, type Permission, type Principal, ROLES, type Role } from "./permissions.ts";
export { tuneProcess } from "./tune-process.ts";
export { type AtLine, parseYaml, schemaProblems, type YamlPath, type YamlRules } from "./yaml-checked.ts";

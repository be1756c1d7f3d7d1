/**
 * install_package: packages of pip, npm and go for code that runs later, kept beside the workspace and thrown away by `hearth sandbox reset`.
 * Owns names, folders and the managers' words. Isolation is sandbox/, the way to the packages' hosts egress/, approval the policy's.
 */
export * from "./folder.ts";
export { goEnvironment, goToolchain } from "./managers.ts";
export * from "./names.ts";
export * from "./tool.ts";

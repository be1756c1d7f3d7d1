/**
 * Tool systems of others as Hearth's tools: objects with `execute`, AutoGen, LangChain, the AI SDK, and, in a child process,
 * Python functions and registries. By their shape alone: none of those libraries is needed here.
 * Owns how a foreign tool is described and called. Believes nothing of its effects but what the user says (`declare`), and
 * runs it with the user's rights: it is the user's code, not the model's.
 * Each bridge is loaded when it is first used.
 */
export type { CancellationToken } from "./autogen.ts";
export type { BridgeOptions, Declared } from "./declare.ts";
export { findPython } from "./find-python.ts";
export type { ModuleOptions, PythonTools, RegistryOptions } from "./python.ts";
export type { PythonOptions } from "./python-host.ts";

export const objectTools: typeof import("./objects.ts").objectTools = async (...args) =>
  (await import("./objects.ts")).objectTools(...args);

export const autogenTools: typeof import("./autogen.ts").autogenTools = async (...args) =>
  (await import("./autogen.ts")).autogenTools(...args);

export const langchainTools: typeof import("./langchain.ts").langchainTools = async (...args) =>
  (await import("./langchain.ts")).langchainTools(...args);

export const aiSdkTools: typeof import("./ai-sdk.ts").aiSdkTools = async (...args) =>
  (await import("./ai-sdk.ts")).aiSdkTools(...args);

export const pythonTools: typeof import("./python.ts").pythonTools = async (...args) =>
  (await import("./python.ts")).pythonTools(...args);

export const pythonRegistry: typeof import("./python.ts").pythonRegistry = async (...args) =>
  (await import("./python.ts")).pythonRegistry(...args);

/**
 * Tool systems of others as Hearth's tools: objects with `execute`, AutoGen, LangChain, the AI SDK, and, in a child process,
 * Python functions and registries. By their shape alone: none of those libraries is needed here.
 * Owns how a foreign tool is described and called. Believes nothing of its effects but what the user says (`declare`), and
 * runs it with the user's rights: it is the user's code, not the model's.
 */
export { aiSdkTools } from "./ai-sdk.ts";
export { autogenTools, type CancellationToken } from "./autogen.ts";
export type { BridgeOptions, Declared } from "./declare.ts";
export { findPython } from "./find-python.ts";
export { langchainTools } from "./langchain.ts";
export { objectTools } from "./objects.ts";
export {
  type ModuleOptions,
  type PythonTools,
  pythonRegistry,
  pythonTools,
  type RegistryOptions,
} from "./python.ts";
export type { PythonOptions } from "./python-host.ts";

import { dirname, resolve } from "node:path";
import { isObject, type JsonObject, type Tool } from "hearth";
import { freeName } from "../mcp/names.ts";
import { type BridgeOptions, declaredFor } from "./declare.ts";
import { type LoadRequest, PythonHost, type PythonOptions, type PythonTool } from "./python-host.ts";

/** Python tools that are loaded; `close` ends the process they run in. */
export interface PythonTools {
  readonly tools: Tool[];
  /** Tools that can't be used, or have another name, in words. */
  readonly notices: string[];
  /** Tools of a registry that are switched off. */
  readonly disabled: string[];
  /** Process id of the child, while there is one. */
  readonly pid: number | undefined;
  close(): Promise<void>;
}

export interface ModuleOptions extends PythonOptions, BridgeOptions {
  /** Functions and objects by name. Default: `__all__`, else what the module itself defines. */
  names?: readonly string[];
  /** `ollama`: descriptions and schemas of plain functions in the form of ollama-python 0.6.3. */
  compat?: "ollama";
}

export interface RegistryOptions extends PythonOptions, BridgeOptions {
  /** Arguments for the constructors that take them, by name. */
  init?: JsonObject;
}

/**
 * Tools of a Python module (a file, or a dotted name): functions with their annotations and docstring (Google, NumPy, Sphinx),
 * objects with `execute`, AutoGen's FunctionTools.
 * @throws UsageError where there is no Python, or the module can't be imported
 */
export function pythonTools(module: string, options: ModuleOptions = {}): Promise<PythonTools> {
  const { names, compat } = options;
  const isFile = module.endsWith(".py");
  return open(options, {
    kind: "module",
    path: isFile ? resolve(module) : module,
    roots: rootsOf(options, isFile ? [dirname(resolve(module))] : [process.cwd()]),
    ...(names === undefined ? {} : { names }),
    ...(compat === undefined ? {} : { compat }),
  });
}

/**
 * Tools of a registry file in mindX's manner: `{"registered_tools": {id: {enabled, module_path, class…}}}`. Those that are
 * switched off are not loaded; one that can't be loaded is no reason to lose the others.
 * @throws UsageError where there is no Python, or the file can't be read
 */
export function pythonRegistry(file: string, options: RegistryOptions = {}): Promise<PythonTools> {
  const { init } = options;
  return open(options, {
    kind: "registry",
    path: resolve(file),
    roots: rootsOf(options, [dirname(resolve(file))]),
    ...(init === undefined ? {} : { init }),
  });
}

function rootsOf({ roots }: PythonOptions, fallback: readonly string[]): string[] {
  return (roots ?? fallback).map((root) => resolve(root));
}

async function open(options: PythonOptions & BridgeOptions, request: LoadRequest): Promise<PythonTools> {
  const host = new PythonHost(options);
  try {
    const { number, tools, faults } = await host.load(request);
    const notices: string[] = [];
    const disabled: string[] = [];
    for (const { name, fault } of faults) {
      if (fault === undefined) disabled.push(name);
      else notices.push(`The Python tool ${name} is left out: ${fault.replace(/\.$/, "")}.`);
    }
    const made: Tool[] = [];
    const taken = new Set(options.taken);
    for (const found of tools) {
      const name = freeName(found.name, "python", taken);
      taken.add(name);
      if (name !== found.name) notices.push(`The Python tool ${found.name} is called ${name}.`);
      made.push(toolOf(found, name, number, host, options));
    }
    return {
      tools: made,
      notices,
      disabled,
      get pid() {
        return host.pid;
      },
      close: () => host.close(),
    };
  } catch (error) {
    await host.close();
    throw error;
  }
}

function toolOf(
  found: PythonTool,
  name: string,
  load: number,
  host: PythonHost,
  options: BridgeOptions,
): Tool {
  const inner = found.ollama?.["function"];
  const form = isObject(inner) ? inner : undefined;
  return {
    name,
    description: String(form?.["description"] ?? found.description),
    parameters: isObject(form?.["parameters"]) ? form["parameters"] : found.parameters,
    ...declaredFor(found.name, options),
    run: (args, { signal }) => host.call(load, found.name, args, signal),
  };
}

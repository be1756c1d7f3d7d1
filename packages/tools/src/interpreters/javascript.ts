import imported from "@jitl/quickjs-wasmfile-release-sync";
import {
  newQuickJSWASMModuleFromVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSWASMModule,
} from "quickjs-emscripten-core";
import { Output } from "../sandbox/output.ts";
import type { Job, JobResult } from "./protocol.ts";

// Its types describe the CommonJS form, where the variant is one level deeper than in the module that Node loads.
const variant = "default" in imported ? imported.default : imported;

let loading: Promise<QuickJSWASMModule> | undefined;

/** Turns of pending promises run at most: a flood of them does not trip the interrupt. */
const MAX_JOBS = 100_000;

/** Shows values inside the interpreter, so that nothing of the host ever touches an object of the code. */
const BOOTSTRAP = String.raw`
(() => {
  "use strict";
  const { stringify } = JSON, { String: S, Error: E } = globalThis;
  const show = (value, depth = 0, seen = []) => {
    switch (typeof value) {
      case "string": return depth === 0 ? value : stringify(value);
      case "bigint": return value + "n";
      case "function": return "[Function" + (value.name ? " " + value.name : "") + "]";
      case "object": {
        if (value === null) return "null";
        if (seen.includes(value)) return "[circular]";
        if (value instanceof E) return value.name + ": " + value.message;
        if (value instanceof Date) return isNaN(value) ? "Invalid Date" : value.toISOString();
        if (value instanceof RegExp) return value.toString();
        if (value instanceof Promise) return "[Promise]";
        if (depth > 4) return Array.isArray(value) ? "[…]" : "{…}";
        const inner = [...seen, value], more = (n) => n > 100 ? ", … " + (n - 100) + " more" : "";
        if (Array.isArray(value)) return "[" + value.slice(0, 100).map((one) => show(one, depth + 1, inner)).join(", ") + more(value.length) + "]";
        if (value instanceof Map) return "Map {" + [...value].slice(0, 100).map(([k, v]) => show(k, depth + 1, inner) + " => " + show(v, depth + 1, inner)).join(", ") + more(value.size) + "}";
        if (value instanceof Set) return "Set {" + [...value].slice(0, 100).map((one) => show(one, depth + 1, inner)).join(", ") + more(value.size) + "}";
        const keys = Object.keys(value);
        return "{" + keys.slice(0, 100).map((key) => (/^[\w$]+$/.test(key) ? key : stringify(key)) + ": " + show(value[key], depth + 1, inner)).join(", ") + more(keys.length) + "}";
      }
      default: return S(value);
    }
  };
  return show;
})()`;

/** Loads QuickJS, once. */
export function loadJavaScript(): Promise<QuickJSWASMModule> {
  return (loading ??= newQuickJSWASMModuleFromVariant(variant));
}

/** Runs JavaScript in QuickJS: the language and console, nothing else. Top-level await and a last promise are waited for. */
export async function runJavaScript(job: Job): Promise<JobResult> {
  const module = await loadJavaScript();
  const output = new Output(job.outputChars);
  const runtime = module.newRuntime();
  const deadline = performance.now() + job.timeoutMs;
  let late = false;
  runtime.setMemoryLimit(job.memoryMb * 1024 * 1024);
  // Less than WebAssembly's own stack, so that QuickJS and not the host notices a deep recursion.
  runtime.setMaxStackSize(128 * 1024);
  runtime.setInterruptHandler(() => (late ||= performance.now() > deadline));
  const context = runtime.newContext();
  try {
    const more = evaluate(context, job, output, () => late || performance.now() > deadline);
    const text = output.text();
    return { id: job.id, output: text, truncated: output.truncated, ...more };
  } finally {
    try {
      context.dispose();
      runtime.dispose();
    } catch {
      // After a memory limit QuickJS may hold on to values and say so; the module is thrown away with them.
      loading = undefined;
    }
  }
}

function evaluate(
  context: QuickJSContext,
  job: Job,
  output: Output,
  late: () => boolean,
): Partial<JobResult> {
  const show = context.unwrapResult(context.evalCode(BOOTSTRAP, "show.js", { type: "global" }));
  const write = context.newFunction("write", (...values) => {
    const words = values.map((value) => {
      const shown = context.callFunction(show, context.undefined, value);
      if (shown.error) throw shown.error;
      return shown.value.consume((handle) => context.getString(handle));
    });
    output.push(Buffer.from(`${words.join(" ")}\n`));
  });
  const console = context.newObject();
  for (const name of ["log", "info", "warn", "error", "debug"]) context.setProp(console, name, write);
  context.setProp(context.global, "console", console);
  console.dispose();
  write.dispose();
  try {
    let result = context.evalCode(job.code, "code.js", { type: "global" });
    // "await" and "return" outside a function: what people write in notebooks. Then there is no last value.
    if (
      result.error !== undefined &&
      /\b(?:await|return)\b/.test(job.code) &&
      read(context, result.error, "name") === "SyntaxError"
    ) {
      const again = context.evalCode(`(async () => {${job.code}\n})()`, "code.js", { type: "global" });
      if (again.error !== undefined) again.error.dispose();
      else {
        result.error.dispose();
        result = again;
      }
    }
    if (result.error)
      return failure(
        result.error.consume((handle) => told(context, handle)),
        late(),
      );
    let value = result.value;
    const pending = settle(context, late);
    if (pending !== undefined) {
      value.dispose();
      return pending;
    }
    const state = context.getPromiseState(value);
    if (state.type === "rejected") {
      value.dispose();
      return failure(
        state.error.consume((handle) => told(context, handle)),
        late(),
      );
    }
    if (state.type === "pending") {
      value.dispose();
      return {
        error: {
          type: "Error",
          text: "The last value is a promise that nothing settles (there are no timers here).",
        },
      };
    }
    if (state.type === "fulfilled" && state.notAPromise !== true) {
      value.dispose();
      value = state.value;
    }
    if (context.typeof(value) === "undefined") {
      value.dispose();
      return {};
    }
    const shown = context.callFunction(show, context.undefined, value);
    value.dispose();
    if (shown.error)
      return failure(
        shown.error.consume((handle) => told(context, handle)),
        late(),
      );
    return { value: shown.value.consume((handle) => context.getString(handle)).slice(0, job.outputChars) };
  } finally {
    show.dispose();
  }
}

/** Runs what promises left to do, in bounded turns. */
function settle(context: QuickJSContext, late: () => boolean): Partial<JobResult> | undefined {
  for (let turns = 0; context.runtime.hasPendingJob(); turns += 100) {
    const done = context.runtime.executePendingJobs(100);
    if (done.error)
      return failure(
        done.error.consume((handle) => told(context, handle)),
        late(),
      );
    done.dispose();
    if (late() || turns > MAX_JOBS)
      return { limit: "time", error: { type: "TimeoutError", text: "The promises never came to an end." } };
  }
  return undefined;
}

/** An error's name, message and place, read as plain strings. */
function told(context: QuickJSContext, error: QuickJSHandle): { type: string; text: string } {
  if (context.typeof(error) !== "object") return { type: "Error", text: String(context.dump(error)) };
  const name = read(context, error, "name") || "Error";
  const message = read(context, error, "message");
  const stack = read(context, error, "stack");
  return { type: name, text: `${name}: ${message}${stack === "" ? "" : `\n${stack.trimEnd()}`}` };
}

function read(context: QuickJSContext, object: QuickJSHandle, name: string): string {
  return context
    .getProp(object, name)
    .consume((handle) => (context.typeof(handle) === "string" ? context.getString(handle) : ""));
}

function failure(error: { type: string; text: string }, late: boolean): Partial<JobResult> {
  if (late) return { limit: "time", error };
  return /out of memory/i.test(error.text) || error.text === "null" ? { limit: "memory", error } : { error };
}

import { resolve } from "node:path";
import { type Config, forbidden, guardsOf, openTools, toolboxOptions } from "@hearth/runtime";
import { allTools, auditTools, toolNamed } from "@hearth/tools";
import {
  CancelledError,
  checkArguments,
  describeModule,
  freezeSchemas,
  type JsonObject,
  normalizeResult,
  schemaOf,
  type Tool,
  UsageError,
} from "hearth";
import { actionOf } from "../actions.ts";
import type { CommandContext } from "../command.ts";
import { readPiped, stdinKind } from "../stdin.ts";

export function run(context: CommandContext): Promise<number> {
  return actionOf("tools", { list, call, schema, freeze }, context);
}

async function list({ config, out, signal }: CommandContext): Promise<number> {
  const settings = config();
  const open = await openTools(settings, signal);
  try {
    for (const notice of open.notices) out.note(`hearth: ${notice}`);
    for (const tool of open.tools) {
      if (settings.settings.json) await out.json({ ...schemaOf(tool), effect: tool.effect ?? "once" });
      else await out.line(`${tool.name}\n  ${tool.description.replace(/\s+/g, " ")}`);
    }
    return 0;
  } finally {
    await open.close();
  }
}

async function schema(
  { config, folder, out }: CommandContext,
  [file, ...more]: readonly string[],
): Promise<number> {
  if (file === undefined || more.length > 0) {
    throw new UsageError("hearth tools schema takes one file.", {
      remedy: "Write `hearth tools schema FILE.ts`.",
    });
  }
  const { json } = config().settings;
  for (const tool of await describeModule(resolve(folder, file))) {
    await out.line(json ? JSON.stringify(tool) : JSON.stringify(tool, null, 2));
  }
  return 0;
}

/** At build time: the schemas of tool functions beside the built module, whose types are gone. */
async function freeze(
  { config, folder, out }: CommandContext,
  [outFile, ...files]: readonly string[],
): Promise<number> {
  if (outFile === undefined || files.length === 0 || !outFile.endsWith(".tools.json")) {
    throw new UsageError("hearth tools freeze takes the file to write and the sources.", {
      remedy:
        "Write `hearth tools freeze dist/NAME.tools.json src/NAME.ts` for a module built as dist/NAME.js.",
    });
  }
  const { frozen, left } = await freezeSchemas(
    files.map((file) => resolve(folder, file)),
    resolve(folder, outFile),
  );
  if (config().settings.json) await out.json({ file: outFile, frozen, left });
  else {
    await out.line(`${outFile}: ${frozen.length === 0 ? "no functions" : frozen.join(", ")}`);
    for (const { name, why } of left) out.note(`hearth: left out ${name}: ${why}`);
  }
  return 0;
}

async function call(context: CommandContext, [name, given, ...more]: readonly string[]): Promise<number> {
  if (name === undefined || more.length > 0) {
    throw new UsageError("hearth tools call takes a name and its arguments as JSON.", {
      remedy: 'Write `hearth tools call list_files \'{"path":"."}\'`.',
    });
  }
  const config = context.config();
  const open = await openTools(config, context.signal);
  try {
    const why = forbidden(config, name);
    if (why !== undefined)
      throw new UsageError(why, { remedy: "`hearth config --explain` says where that stands." });
    const tool = toolNamed(name, callable(config, open.tools));
    const text = given === "-" ? await stdinText(context) : (given ?? "{}");
    const args = argumentsFor(tool, text);
    const { auditor, halt } = guardsOf(config, open.tools);
    const stop = new AbortController();
    halt.subscribe((reason) => stop.abort(new CancelledError(reason)));
    const [audited = tool] = auditor === undefined ? [] : auditTools([tool], auditor);
    const signal = AbortSignal.any([context.signal, stop.signal]);
    const result =
      halt.reason === undefined
        ? await runTool(audited, args, config, signal)
        : { ok: false, content: `Not run: ${halt.reason}`, details: { ms: 0 } };
    await context.out.json(result);
    return result.ok ? 0 : 3;
  } finally {
    await open.close();
  }
}

/** Tools of a run, then all others there are but those that the settings forbid: a person may call what a model is not offered. */
function callable(config: Config, selected: readonly Tool[]): Tool[] {
  const names = new Set(selected.map((tool) => tool.name));
  const others = allTools(toolboxOptions(config)).filter(
    ({ name }) => !names.has(name) && forbidden(config, name) === undefined,
  );
  return [...selected, ...others];
}

function stdinText({ out }: CommandContext): Promise<string> {
  return readPiped({
    stream: process.stdin,
    kind: stdinKind(process.stdin.isTTY === true),
    out,
    needed: true,
  });
}

function argumentsFor(tool: Tool, text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`The arguments of ${tool.name} are not JSON.`, {
      remedy: `Write them like '{"path":"."}'; \`hearth tools list --json\` has each schema.`,
      cause: error,
    });
  }
  const checked = checkArguments(tool.parameters, value);
  if (checked.ok) return checked.value;
  throw new UsageError(`The arguments do not fit ${tool.name}: ${checked.message}`);
}

interface Called {
  ok: boolean;
  content: string;
  details: JsonObject;
}

async function runTool(
  tool: Tool,
  args: JsonObject,
  { settings, workspace }: Config,
  signal: AbortSignal,
): Promise<Called> {
  const started = performance.now();
  const timeoutMs = tool.timeoutMs ?? settings.toolTimeout * 1000;
  const over = AbortSignal.timeout(timeoutMs);
  const context = {
    signal: AbortSignal.any([signal, over]),
    runId: "call",
    callId: "call",
    workspace,
    output: () => undefined,
  };
  let result: { ok: boolean; content: string; details?: JsonObject };
  try {
    result = normalizeResult(await untilAborted(Promise.resolve(tool.run(args, context)), context.signal));
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const content = over.aborted
      ? `${tool.name} took longer than ${timeoutMs / 1000} s.`
      : error instanceof Error
        ? error.message
        : String(error);
    result = { ok: false, content };
  }
  const { ok, content, details } = result;
  return { ok, content, details: { ms: Math.round(performance.now() - started), ...details } };
}

/** A tool that ignores its signal is not waited for. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}

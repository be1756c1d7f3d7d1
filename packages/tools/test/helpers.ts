import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isObject, type JsonObject, type Tool, type ToolContext } from "hearth";

/** A fresh folder with these files; a value that starts with "-> " is a link. Gone when the test disposes of it. */
export function tempFolder(files: Record<string, string | Buffer> = {}): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "hearth-tools-"));
  for (const [name, content] of Object.entries(files)) {
    const file = join(path, name);
    mkdirSync(dirname(file), { recursive: true });
    if (name.endsWith("/")) mkdirSync(file, { recursive: true });
    else if (typeof content === "string" && content.startsWith("-> ")) symlinkSync(content.slice(3), file);
    else writeFileSync(file, content);
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export interface Ran {
  content: string;
  ok: boolean;
  details: JsonObject;
}

/** Runs a tool as the loop would. */
export async function call(
  tools: readonly Tool[],
  name: string,
  args: JsonObject = {},
  context: Partial<ToolContext> = {},
): Promise<Ran> {
  const tool = tools.find((one) => one.name === name);
  if (tool === undefined) throw new Error(`no tool ${name}`);
  const result: unknown = await tool.run(args, {
    signal: new AbortController().signal,
    runId: "run",
    callId: "call",
    workspace: "",
    output() {},
    ...context,
  });
  if (!isObject(result)) throw new Error("the result is no object");
  const details: unknown = result["details"];
  return {
    content: String(result["content"]),
    ok: result["ok"] !== false,
    details: isObject(details) ? details : {},
  };
}

import { isObject, type JsonObject, type JsonValue } from "../../protocol/index.ts";
import type { Body, Dialect, ThinkingSyntax } from "../dialects/index.ts";
import { aroundGroups, literalOf } from "./pattern-text.ts";

const THINKING_FIELDS = ["thinking", "reasoning_content", "reasoning"];

/**
 * Compiles Hugging Face's `response_template` (version 1, in a tokenizer's configuration) to a descriptor, or says by undefined
 * that it asks for what no descriptor can do: a regular expression that is not literal around its named groups, or calls
 * as lines of keys. Source: transformers 5.23, `utils/chat_parsing`.
 */
export function compileResponseTemplate(spec: JsonValue | undefined): Dialect | undefined {
  if (spec === undefined || !isObject(spec) || (spec["version"] ?? 1) !== 1 || !isObject(spec["fields"]))
    return undefined;
  const fields = spec["fields"];
  const field = (name: string): JsonObject | undefined => (isObject(fields[name]) ? fields[name] : undefined);
  const calls = field("tool_calls");
  const call = calls === undefined ? undefined : callSyntax(calls);
  if (calls !== undefined && call === undefined) return undefined;
  const thinking = THINKING_FIELDS.map(field).find((one) => one !== undefined);
  const thinkingSyntax = thinking === undefined ? undefined : thinkingOf(thinking);
  const content = field("content");
  const drop = content === undefined ? [] : [...anchors(content, "open"), ...anchors(content, "close")];
  return {
    id: "response-template",
    models: [],
    calls: call === undefined ? [] : [call],
    ...(thinkingSyntax === undefined ? {} : { thinking: thinkingSyntax }),
    drop,
    answerHeaders: anchors(spec, "start_anchor"),
    needles: [],
    sample: "",
  };
}

function thinkingOf(field: JsonObject): ThinkingSyntax | undefined {
  const close = anchors(field, "close");
  return close.length === 0 ? undefined : { open: anchors(field, "open"), close };
}

/** The literal texts of an anchor: given as such, or a pattern that is one. */
function anchors(field: JsonObject, name: string): string[] {
  const literal = field[name];
  if (typeof literal === "string") return [literal];
  if (Array.isArray(literal)) return literal.filter((item) => typeof item === "string");
  const pattern = field[`${name}_pattern`];
  const text = typeof pattern === "string" ? literalOf(pattern) : undefined;
  return text === undefined ? [] : [text];
}

function callSyntax(field: JsonObject): Dialect["calls"][number] | undefined {
  const close = anchors(field, "close");
  const args = isObject(field["content_args"]) ? field["content_args"] : {};
  const keys = keysOf(field["transform"]);
  const pattern = field["open_pattern"];
  const around = typeof pattern === "string" ? aroundGroups(pattern, ["name"]) : undefined;
  if (around !== undefined) return namedCall(field, around, close, args);
  const open = anchors(field, "open");
  if (open.length === 0) return undefined;
  if (field["content"] === "json") {
    const quote = args["unquoted_keys"] === true ? stringQuote(args["string_delims"]) : undefined;
    const body: Body =
      quote === undefined ? { kind: "json", ...keys } : { kind: "gemma", lead: "call:", quote };
    return { open, close, token: true, body: [body] };
  }
  return undefined;
}

/** The opening pattern holds the tool's name: `<function=(?P<name>[^>]+)>`. */
function namedCall(
  field: JsonObject,
  around: readonly string[],
  close: readonly string[],
  args: JsonObject,
): Dialect["calls"][number] | undefined {
  const [before = "", after = ""] = around;
  if (before.trim() === "") return undefined;
  if (field["content"] === "json") {
    const header = new RegExp(`^\\s*(?<name>.+?)\\s*${escapeRegExp(after.trim())}\\s*$`, "s");
    return { open: [before], close, token: true, body: [{ kind: "named", header }] };
  }
  const tag = args["tag_pattern"];
  const parts = typeof tag === "string" ? aroundGroups(tag, ["key", "value"]) : undefined;
  if (field["content"] !== "xml-inline" || parts === undefined || after === "") return undefined;
  const [paramOpen = "", between = "", paramClose = ""] = parts;
  const body: Body = {
    kind: "tagged",
    call: { open: [before], end: [after], header: /^\s*["']?(?<name>[^"'<>]+?)["']?\s*$/, close },
    param: {
      open: [paramOpen],
      end: [between.trim() || between],
      header: /^\s*["']?(?<key>[^"'<>]+?)["']?\s*$/,
      close: [paramClose.trim() || paramClose],
    },
    trim: /\n/.test(between) ? "newline" : "none",
  };
  return { open: [before], close: [], own: true, token: true, body: [body] };
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function stringQuote(delimiters: JsonValue | undefined): string | undefined {
  const first = Array.isArray(delimiters) ? delimiters[0] : undefined;
  const quote = Array.isArray(first) ? first[0] : undefined;
  return typeof quote === "string" ? quote : undefined;
}

/** Under which keys the JSON holds name and arguments, by the placeholders of the transform. */
function keysOf(transform: JsonValue | undefined): { name?: string[]; args?: string[] } {
  const inner =
    transform !== undefined && isObject(transform) && isObject(transform["function"])
      ? transform["function"]
      : transform;
  if (inner === undefined || !isObject(inner)) return {};
  const key = (value: JsonValue | undefined): string | undefined =>
    typeof value === "string" ? /^\{(?:content\.)?(\w+)\}$/.exec(value)?.[1] : undefined;
  const name = key(inner["name"]);
  const args = key(inner["arguments"]);
  return { ...(name === undefined ? {} : { name: [name] }), ...(args === undefined ? {} : { args: [args] }) };
}

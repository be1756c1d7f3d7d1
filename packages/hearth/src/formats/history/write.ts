import type { JsonObject, JsonValue, ToolSchema } from "../../protocol/index.ts";
import { sameJson } from "../detect/same.ts";
import type { Dialect } from "../dialects/index.ts";
import { parse } from "../parse.ts";
import { pythonJson, pythonLiteral } from "../templates/index.ts";

export interface PlainCall {
  name: string;
  arguments: JsonObject;
}

/** What every descriptor's `sample` calls. */
const NAME = "get_weather";
const ARGUMENTS = '{"city": "Oslo"}';

/**
 * Calls as a model of this format writes them, for templates that lose or mangle calls of the history: the descriptor's own
 * sample with other names and values. Undefined where that does not read back as the same calls.
 */
export function writeCalls(
  dialect: Dialect,
  calls: readonly PlainCall[],
  tools: readonly ToolSchema[],
): string | undefined {
  const text = spelled(dialect, calls);
  if (text === undefined) return undefined;
  const read = parse(text, { format: dialect, tools }).calls;
  const same =
    read.length === calls.length &&
    calls.every((call, at) => read[at]!.name === call.name && sameJson(read[at]!.arguments, call.arguments));
  return same ? text : undefined;
}

/** The same text without the proof that it reads back; undefined where the format has no such form. */
export function spelled(dialect: Dialect, calls: readonly PlainCall[]): string | undefined {
  const { sample } = dialect;
  const section = dialect.sections?.find(
    ({ open, close }) => sample.startsWith(open[0]!) && sample.endsWith(close[0] ?? "\0"),
  );
  const [before, after] = section === undefined ? ["", ""] : [section.open[0]!, section.close[0]!];
  const inner = sample.slice(before.length, sample.length - after.length);
  const body = pythonList(inner, calls) ?? jsonList(inner, calls) ?? repeated(dialect, inner, calls);
  return body === undefined ? undefined : before + body + after;
}

/** `[get_weather(city="Oslo")]`: the calls between the same brackets, or one a line. */
function pythonList(sample: string, calls: readonly PlainCall[]): string | undefined {
  const one = `${NAME}(city="Oslo")`;
  if (!sample.includes(one)) return undefined;
  const written = calls.map(({ name, arguments: args }) => {
    const parts = entries(args).map(([key, value]) => `${key}=${pythonLiteral(value)}`);
    return `${name}(${parts.join(", ")})`;
  });
  return sample.replace(one, () => written.join(sample.includes(`[${one}`) ? ", " : "\n"));
}

/** `[{"name": …}]`: one object a call in the same list. */
function jsonList(sample: string, calls: readonly PlainCall[]): string | undefined {
  const match = /\[\s*(\{[\s\S]*\})\s*\]/.exec(sample);
  if (match === null || !sample.includes(ARGUMENTS)) return undefined;
  const item = match[1]!;
  const written = calls.map((call, index) => withCall(item, call, index)).join(", ");
  return sample.replace(item, () => written);
}

function repeated(dialect: Dialect, sample: string, calls: readonly PlainCall[]): string | undefined {
  if (calls.length > 1 && dialect.headers !== undefined) return undefined;
  const written = calls.map((call, index) => {
    if (sample.includes(ARGUMENTS)) return withCall(sample, call, index);
    return (
      gemma(dialect, sample, call) ?? nested(dialect, sample, call) ?? tagged(dialect, sample, call, index)
    );
  });
  if (written.some((text) => text === undefined)) return undefined;
  return written.join(separatorOf(dialect, sample));
}

function separatorOf(dialect: Dialect, sample: string): string {
  const json = dialect.calls.flatMap((call) => call.body).find((body) => body.kind === "json");
  if (sample.startsWith("{") && json?.separators !== undefined) return `${json.separators[0]} `;
  return sample.includes("\n") && !sample.endsWith("\n") ? "\n" : "";
}

const withCall = (sample: string, call: PlainCall, index: number): string =>
  numbered(
    sample.replace(ARGUMENTS, () => pythonJson(call.arguments)),
    index,
  ).replaceAll(NAME, () => call.name);

/** Ids and counters of the sample, one on for each call. */
const numbered = (sample: string, index: number): string =>
  sample
    .replace(`${NAME}:0`, `${NAME}:${index}`)
    .replace('index="1"', `index="${index + 1}"`)
    .replace('"tool_call_id": "0"', `"tool_call_id": "${index}"`)
    .replace("Ab3dE6gH9", `Ab3dE6gH${(9 + index) % 10}`);

const entries = (args: JsonObject): [string, JsonValue][] =>
  Object.entries(args).flatMap(([key, value]): [string, JsonValue][] =>
    value === undefined ? [] : [[key, value]],
  );

function gemma(dialect: Dialect, sample: string, call: PlainCall): string | undefined {
  const body = dialect.calls.flatMap((one) => one.body).find((one) => one.kind === "gemma");
  if (body === undefined) return undefined;
  const { quote } = body;
  const write = (value: JsonValue): string => {
    if (typeof value === "string") return quote + value + quote;
    if (Array.isArray(value)) return `[${value.map(write).join(",")}]`;
    if (typeof value === "object" && value !== null) return object(value);
    return String(value);
  };
  const object = (value: JsonObject): string =>
    `{${entries(value)
      .map(([key, item]) => `${key}:${write(item)}`)
      .join(",")}}`;
  return sample
    .replace(`{city:${quote}Oslo${quote}}`, () => object(call.arguments))
    .replace(NAME, () => call.name);
}

/** Tags all the way down: the key is the tag, a list is a list of items. */
function nested(dialect: Dialect, sample: string, call: PlainCall): string | undefined {
  const body = dialect.calls.flatMap((one) => one.body).find((one) => one.kind === "nested");
  if (body === undefined) return undefined;
  const { prefix } = body;
  const tag = (name: string, inner: string): string => `${prefix}<${name}>${inner}${prefix}</${name}>`;
  const write = (value: JsonValue): string => {
    if (Array.isArray(value)) return value.map((item) => tag("item", write(item))).join("");
    if (typeof value !== "object" || value === null)
      return typeof value === "string" ? value : pythonJson(value);
    return entries(value)
      .map(([key, item]) => tag(key, write(item)))
      .join("");
  };
  const one = tag("city", "Oslo");
  if (!sample.includes(one)) return undefined;
  return sample.replace(one, () => write(call.arguments)).replace(NAME, () => call.name);
}

/** The sample's one parameter, repeated for each argument. */
function tagged(dialect: Dialect, sample: string, call: PlainCall, index: number): string | undefined {
  const bodies = [...dialect.calls.flatMap((one) => one.body), dialect.headerBody];
  const body = bodies.find((one) => one?.kind === "tagged");
  const from = body === undefined ? -1 : sample.indexOf(body.param.open[0]!);
  const close = body?.param.close[0];
  const value = sample.indexOf("Oslo", from);
  if (from < 0 || close === undefined || value < 0) return undefined;
  const to = sample.indexOf(close, value) + close.length;
  const one = sample.slice(from, to);
  const gap = sample[to] === "\n" ? "\n" : "";
  const parts = entries(call.arguments).map(([key, item]) => {
    const text = typeof item === "string" ? item : pythonJson(item);
    const kind = typeof item === "string" ? "true" : "false";
    return one
      .replace('string="true"', `string="${kind}"`)
      .replace('type="string"', `type="${typeName(item)}"`)
      .replace("city", () => key)
      .replace("Oslo", () => text);
  });
  const rest = parts.length === 0 && gap !== "" ? sample.slice(to + 1) : sample.slice(to);
  return numbered(sample.slice(0, from), index).replaceAll(NAME, () => call.name) + parts.join(gap) + rest;
}

function typeName(value: JsonValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value;
}

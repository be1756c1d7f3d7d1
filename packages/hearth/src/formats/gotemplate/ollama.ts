import type { JsonObject, JsonValue, ToolSchema } from "../../protocol/index.ts";
import { pythonJson } from "../templates/index.ts";
import type { GoTemplate, Node } from "./ast.ts";
import { execute } from "./execute.ts";
import { type GoMap, GoPrintedMap, GoStruct, type GoValue } from "./values.ts";

/** A message as Ollama's templates know it. */
export interface OllamaMessage {
  role: "system" | "user" | "assistant" | "tool";
  content: string;
  thinking?: string;
  calls?: readonly { id: string; name: string; arguments: JsonObject }[];
  toolName?: string;
  toolCallId?: string;
}

export interface OllamaInput {
  messages: readonly OllamaMessage[];
  tools: readonly ToolSchema[];
  think?: boolean | "low" | "medium" | "high";
  /** Local date as `2026-01-31`; for `currentDate`. */
  today?: string;
}

/**
 * Executes an Ollama template as its server does, but for one thing: tools, parameters and arguments print as JSON, as the
 * models were trained to read them. Ollama itself prints `{{ .Function }}` as a Go struct since 0.14 (#14601).
 */
export function renderOllama(template: GoTemplate, input: OllamaInput): string {
  const names = identifiers(template);
  const { system, messages } = collate(input.messages);
  const common = {
    Think: input.think !== undefined && input.think !== false,
    ThinkLevel: typeof input.think === "string" ? input.think : "",
    IsThinkSet: input.think !== undefined,
  };
  const functions = dates(input.today);
  if (names.has("messages") || names.has("document")) {
    const data = {
      ...common,
      System: system,
      Messages: messages.map(messageStruct),
      Tools: toolList(input.tools),
      Response: "",
    };
    return execute(template, data, functions);
  }
  return legacy(template, messages, common, functions);
}

/** Templates of the old kind know a system text, a prompt and a response: they are run once for each exchange. */
function legacy(
  template: GoTemplate,
  messages: readonly OllamaMessage[],
  common: GoMap,
  functions: ReturnType<typeof dates>,
): string {
  const whole = identifiers(template).has("response")
    ? template
    : { ...template, root: [...template.root, RESPONSE] };
  let out = "";
  let turn = { System: "", Prompt: "", Response: "" };
  const flush = (): void => {
    out += execute(whole, { ...common, ...turn }, functions);
    turn = { System: "", Prompt: "", Response: "" };
  };
  for (const { role, content } of messages) {
    if (role === "system") {
      if (turn.Prompt !== "" || turn.Response !== "") flush();
      turn.System = content;
    } else if (role === "user") {
      if (turn.Response !== "") flush();
      turn.Prompt = content;
    } else if (role === "assistant") turn.Response = content;
  }
  return (
    out + execute({ ...whole, root: untilResponse(whole.root).nodes }, { ...common, ...turn }, functions)
  );
}

const RESPONSE: Node = {
  kind: "action",
  pipeline: { variables: [], declares: false, commands: [[{ kind: "dot", fields: ["Response"] }]] },
};

/** What stands before the response, and the response itself. */
function untilResponse(nodes: readonly Node[]): { nodes: Node[]; found: boolean } {
  const kept: Node[] = [];
  for (const node of nodes) {
    if (node.kind === "if" || node.kind === "with" || node.kind === "range") {
      const body = untilResponse(node.body);
      const otherwise = untilResponse(node.otherwise);
      kept.push({ ...node, body: body.nodes, otherwise: otherwise.nodes });
      if (body.found || otherwise.found) return { nodes: kept, found: true };
    } else {
      kept.push(node);
      if (JSON.stringify(node).includes('"Response"')) return { nodes: kept, found: true };
    }
  }
  return { nodes: kept, found: false };
}

/** Names that a template reads, in lower case: what decides how it is executed. */
export function identifiers(template: GoTemplate): Set<string> {
  const text = JSON.stringify([template.root, [...template.named.values()]]);
  const names = new Set<string>();
  for (const match of text.matchAll(/"fields":\[([^\]]*)\]/g))
    for (const name of match[1]!.matchAll(/"([^"]+)"/g)) names.add(name[1]!.toLowerCase());
  return names;
}

/** Neighbours of the same role become one, results excepted; all system texts together are `System`. */
function collate(messages: readonly OllamaMessage[]): { system: string; messages: OllamaMessage[] } {
  const out: OllamaMessage[] = [];
  const system = messages.filter(({ role }) => role === "system").map(({ content }) => content);
  for (const message of messages) {
    const last = out.at(-1);
    if (last !== undefined && last.role === message.role && message.role !== "tool")
      out[out.length - 1] = { ...last, content: `${last.content}\n\n${message.content}` };
    else out.push(message);
  }
  return { system: system.join("\n\n"), messages: out };
}

function messageStruct(message: OllamaMessage): GoValue {
  const calls = (message.calls ?? []).map((call, index) => {
    const callee = new GoStruct({ Index: index, Name: call.name, Arguments: printed(call.arguments) }, () =>
      pythonJson({ name: call.name, arguments: call.arguments }),
    );
    return new GoStruct({ ID: call.id, Function: callee }, () => pythonJson({ id: call.id, function: call }));
  });
  return new GoStruct(
    {
      Role: message.role,
      Content: message.content,
      Thinking: message.thinking ?? "",
      Images: [],
      ToolCalls: calls,
      ToolName: message.toolName ?? "",
      ToolCallID: message.toolCallId ?? "",
    },
    () => message.content,
  );
}

const printed = (map: JsonObject): GoValue => new GoPrintedMap(goMap(map), () => pythonJson(map));

function goMap(map: JsonObject): GoMap {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, goValue(value)]));
}

function goValue(value: JsonValue | undefined): GoValue {
  if (value === undefined || value === null || typeof value !== "object") return value;
  return Array.isArray(value) ? value.map(goValue) : printed(value);
}

function toolList(tools: readonly ToolSchema[]): GoValue {
  return tools.map(({ name, description, parameters }) => {
    const properties = parameters["properties"];
    const known =
      typeof properties === "object" && properties !== null && !Array.isArray(properties) ? properties : {};
    const shape = new GoStruct(
      {
        Type: goValue(parameters["type"] ?? "object"),
        Required: goValue(parameters["required"] ?? []),
        Properties: Object.fromEntries(
          Object.entries(known).map(([key, schema]) => [key, propertyStruct(schema)]),
        ),
      },
      () => pythonJson(parameters),
    );
    const own = new GoStruct({ Name: name, Description: description, Parameters: shape }, () =>
      pythonJson({ name, description, parameters }),
    );
    return new GoStruct({ Type: "function", Function: own }, () =>
      pythonJson({ type: "function", function: { name, description, parameters } }),
    );
  });
}

function propertyStruct(schema: JsonValue | undefined): GoValue {
  const own: JsonObject =
    typeof schema === "object" && schema !== null && !Array.isArray(schema) ? schema : {};
  return new GoStruct(
    {
      Type: typeText(own["type"]),
      Description: goValue(own["description"] ?? ""),
      Enum: goValue(own["enum"] ?? []),
      Items: goValue(own["items"] ?? null),
    },
    () => pythonJson(own),
  );
}

/** One type as its name, several as Go prints a list. */
const typeText = (type: JsonValue | undefined): string =>
  Array.isArray(type) ? `[${type.join(" ")}]` : String(type ?? "");

function dates(today: string | undefined): Readonly<Record<string, () => string>> {
  const day = today === undefined ? new Date() : new Date(`${today.slice(0, 10)}T12:00:00`);
  const text = (date: Date): string =>
    `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
  return {
    currentDate: () => text(day),
    yesterdayDate: () => text(new Date(day.getTime() - 86_400_000)),
  };
}

import {
  type JsonSchema,
  type Message,
  type OutputGrammar,
  type ToolChoice,
  type ToolSchema,
  textOf,
} from "../../protocol/index.ts";
import { anyOf, Gbnf, type GrammarNote, jsonText, literal, SchemaRules, sequence } from "../grammar/index.ts";
import { stringCandidates } from "./candidates.ts";
import { findsByName, fitting, forced, looksAtFiles, looksIn, looksInside } from "./fit.ts";
import { followed, openers, unfound } from "./follow.ts";
import { asksOf, toldBy } from "./look.ts";
import { narrowed } from "./narrow.ts";
import { extentOfParameter, numberCandidates } from "./numbers.ts";
import { currentPart, partsOf, since } from "./parts.ts";
import { cued, propertiesOf, requiredOf, roleOf } from "./roles.ts";
import { saidIn } from "./said.ts";
import { mayHold } from "./shapes.ts";
import type { Sources } from "./sources.ts";
import { numbersIn, pointable } from "./spans.ts";

export interface PocketGrammarInput {
  messages: readonly Message[];
  tools: readonly ToolSchema[];
  /** Default `auto`: a call, or a sentence. */
  toolChoice?: ToolChoice;
  /** Names in the workspace; words of the request that come near one may stand for it. */
  workspaceNames?: readonly string[];
}

export interface PocketGrammar extends OutputGrammar {
  notes: GrammarNote[];
}

/**
 * How much likelier than a sentence a call has to be, in logits, for the adapter calls too readily. Calibrated on the 638 requests for
 * development: of those that want a call 98 % are still made with files and 97 % with other tools, and 97 and 84 % of the rest refused
 * (92 and 76 % without).
 */
const RELUCTANCE = { files: 1.8, others: 0.85 };

/** A sentence: no `<`, by which neither a call nor a chat token can begin in it. */
const SENTENCE = "[^<\\x00-\\x1f] [^<\\x00-\\x08\\x0b-\\x1f]*";

/** What pocket may write now: one call typed by its schema whose texts are pointed at, or a plain sentence. */
export function pocketGrammar(input: PocketGrammarInput): PocketGrammar {
  const choice = choiceOf(input);
  const g = new Gbnf();
  const notes: GrammarNote[] = [];
  const shared = sourcesOf(input);
  const chosen = choice === "none" ? [] : input.tools.filter((tool) => named(choice, tool.name));
  const offered = offeredNow(input, chosen, shared);
  const text = g.rule("text", SENTENCE);
  if (offered.length === 0) return { gbnf: g.text(text), notes };
  const bodies = offered.map((tool) => {
    const parameters = narrowed(tool.parameters, shared.request);
    const inside = looksInside(tool, shared.request);
    const sources = { ...shared, parameters, inside, byName: findsByName(tool) };
    const required = [...requiredOf(parameters), ...forced(parameters, sources)];
    const rules = new SchemaRules(g, parameters, pointing(g, parameters, required, sources));
    const value = rules.value({ ...parameters, required }, "");
    notes.push(...rules.notes.map((note) => ({ ...note, path: `${tool.name}${note.path}` })));
    return sequence(literal(`${JSON.stringify(tool.name)}, "arguments": `), value);
  });
  const call = sequence(literal('<tool_call>\n{"name": '), anyOf(bodies), literal("}\n</tool_call>"));
  const root =
    choice === "auto" ? g.rule("answer", `${g.rule("call", call)} | ${text}`) : g.rule("call", call);
  return choice === "auto"
    ? { gbnf: g.text(root), bias: reluctance(input.tools), notes }
    : { gbnf: g.text(root), notes };
}

/** The tools for what is to be done now: a found file is opened, a word that is no name is looked for inside files. */
function offeredNow(
  { messages }: PocketGrammarInput,
  chosen: readonly ToolSchema[],
  sources: Sources,
): ToolSchema[] {
  const inside = unfound(messages) === undefined ? [] : chosen.filter(looksIn);
  if (inside.length > 0) return inside;
  const opening = sources.only === undefined ? [] : openers(chosen);
  return opening.length > 0 ? opening : fitting(chosen, sources);
}

/**
 * A later part of a request, or a file that was found, is there to be looked at: results are already at hand, and a refusal would hide
 * them. Once all is done the model may say so.
 */
function choiceOf(input: PocketGrammarInput): ToolChoice {
  const { messages, toolChoice = "auto" } = input;
  const { request, calls } = since(messages);
  if (toolChoice === "auto" && calls === 0 && asksOfWorkspace(input, request)) return "required";
  if (toolChoice !== "auto" || calls === 0) return toolChoice;
  if (unfound(messages) !== undefined && input.tools.some(looksIn)) return "required";
  return calls < partsOf(request).length || followed(messages) !== undefined ? "required" : "auto";
}

function reluctance(tools: readonly ToolSchema[]): OutputGrammar["bias"] & object {
  const logit = tools.every(looksAtFiles) ? RELUCTANCE.files : RELUCTANCE.others;
  return { text: "<tool_call>", logit: -logit };
}

/** A question about something that lies in the workspace by name, asked of tools that are about files: the answer is there. */
const asksOfWorkspace = ({ tools, workspaceNames = [] }: PocketGrammarInput, request: string): boolean =>
  tools.length > 0 && tools.every(looksAtFiles) && asksOf(request, workspaceNames);

const named = (choice: ToolChoice, name: string): boolean =>
  typeof choice === "string" || choice.name === name;

/** The last request and what was found since the conversation began. */
export function sourcesOf(input: Pick<PocketGrammarInput, "messages" | "workspaceNames">): Sources {
  const results = input.messages.filter((message) => message.role === "tool").map(textOf);
  return {
    request: pointable(currentPart(input.messages)),
    results: results.reverse(),
    workspaceNames: input.workspaceNames ?? [],
    inside: false,
    ...followedSources(input),
  };
}

/** Where a file that was found is to be opened, or a word to be looked for, nothing else is pointed at. */
function followedSources({
  messages,
  workspaceNames = [],
}: Pick<PocketGrammarInput, "messages" | "workspaceNames">): Partial<Sources> {
  const word = unfound(messages);
  if (word !== undefined) return { request: `the text "${word}"` };
  const { request, calls } = since(messages);
  const told = calls === 0 ? toldBy(request, workspaceNames) : undefined;
  const only = told === undefined ? followed(messages) : [told];
  return only === undefined ? {} : { only, request: "" };
}

function pointing(g: Gbnf, parameters: JsonSchema, required: readonly string[], sources: Sources) {
  const counted = propertiesOf(parameters).filter(
    ([name, schema]) => required.includes(name) && ["integer", "number"].includes(String(schema["type"])),
  );
  /** Every number said has its place already. */
  const spent = numbersIn(sources.request).length <= counted.length;
  return {
    leaf(own: JsonSchema, path: string): string | undefined {
      const name =
        path
          .split("/")
          .filter((part) => !/^(items|prefixItems|\d+|anyOf|oneOf)$/.test(part))
          .at(-1) ?? "";
      const described = propertiesOf(parameters).find(([other]) => other === name)?.[1]["description"];
      const schema =
        "description" in own || described === undefined ? own : { ...own, description: described };
      if (schema["type"] === "string") {
        const texts = stringCandidates(name, schema, sources);
        return texts.length === 0 ? undefined : g.rule(`${name}-text`, oneOfTexts(g, texts));
      }
      if (schema["type"] === "integer" || schema["type"] === "number") {
        const numbers = numberCandidates(name, schema, sources);
        return numbers.length === 0
          ? undefined
          : g.rule(`${name}-number`, anyOf(numbers.map((n) => literal(String(n)))));
      }
      return undefined;
    },
    offer(schema: JsonSchema, path: string): boolean {
      const name = path.split("/").at(-1) ?? "";
      if (required.includes(name)) return true;
      const type = schema["type"];
      if (type === "integer" || type === "number") {
        const extent = extentOfParameter(name, schema, sources);
        if (extent !== undefined) return extent.length > 0;
        return !spent && numberCandidates(name, schema, { ...sources, results: [] }).length > 0;
      }
      const role = type === "string" ? roleOf(name, schema) : undefined;
      if (role === "content") return sources.inside || saidIn(sources.request).sought.length > 0;
      if (role === "glob") return stringCandidates(name, schema, sources).length > 0;
      if (type === "string" && !mayHold(name, sources.request)) return false;
      if (type === "boolean" || Array.isArray(schema["enum"])) return cued(name, schema, sources.request);
      return true;
    },
  };
}

/** These texts as JSON strings, folded by their common starts: one rule a branching, so that many stay cheap to follow. */
function oneOfTexts(g: Gbnf, texts: readonly string[]): string {
  return sequence(
    literal('"'),
    fold(
      g,
      texts.map((text) => jsonText(text).slice(1)),
    ),
  );
}

function fold(g: Gbnf, texts: readonly string[]): string {
  const groups = new Map<string, string[]>();
  for (const text of texts) {
    const head = String.fromCodePoint(text.codePointAt(0) ?? 0);
    groups.set(head, [...(groups.get(head) ?? []), text]);
  }
  return anyOf(
    [...groups.values()].map((group) => {
      const [only, second] = group;
      if (second === undefined) return literal(only ?? "");
      const shared = commonStart(group);
      return sequence(
        literal(shared),
        g.rule(
          "t",
          fold(
            g,
            group.map((text) => text.slice(shared.length)),
          ),
        ),
      );
    }),
  );
}

function commonStart(texts: readonly string[]): string {
  const first = [...(texts[0] ?? "")];
  let length = first.length;
  for (const text of texts) {
    const chars = [...text];
    let i = 0;
    while (i < length && chars[i] === first[i]) i++;
    length = i;
  }
  return first.slice(0, length).join("");
}

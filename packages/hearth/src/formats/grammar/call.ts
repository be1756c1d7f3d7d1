import { isObject, type JsonSchema, type ToolChoice, type ToolSchema } from "../../protocol/index.ts";
import type { Dialect } from "../dialects/types.ts";
import { markersOf } from "../dialects/types.ts";
import { fields, propertiesOf } from "./containers.ts";
import { anyOf, charClass, Gbnf, literal, repeat, sequence } from "./gbnf.ts";
import { SchemaRules } from "./schema.ts";
import { type CallShape, type Dress, shapeOf } from "./shape.ts";
import { textWithout } from "./strings.ts";
import { type GrammarNote, SchemaGrammarError } from "./types.ts";

export interface CallGrammarInput {
  dialect: Dialect;
  tools: readonly ToolSchema[];
  /** Default `auto`: text, or calls. */
  choice?: ToolChoice;
  /** Several calls in one answer, where the dialect can hold them. Default true. */
  parallel?: boolean;
  /** In force only from the opening of a call on: for models that think or talk first. Only with `auto`. Default false. */
  lazy?: boolean;
  /** Thinking that may come before calls that are required: its closing mark; the prompt has opened it already. */
  thinkingEnd?: string;
  /** Texts beside the dialect's own markers that must not stand in values. */
  banned?: readonly string[];
  /** Raise where the grammar would be wider than a tool's schema. */
  strict?: boolean;
}

export interface CallGrammar {
  gbnf: string;
  /** The grammar counts from the end of this text on. */
  trigger?: string;
  notes: GrammarNote[];
}

/** The grammar of an answer in a dialect: calls typed by the tools' schemas, text, or both, as the choice says. */
export function callGrammar(input: CallGrammarInput): CallGrammar {
  const { dialect, choice = "auto" } = input;
  const shape = shapeOf(dialect);
  if (shape === undefined)
    throw new SchemaGrammarError(`No grammar can be made for the format ${dialect.id}.`, {
      remedy: "Let the answer be parsed and repaired instead.",
    });
  const writer = new CallWriter(shape, input);
  const offered = offeredTools(input.tools, choice);
  const opener = openerOf(shape);
  if (offered.length === 0) return writer.done(writer.text([opener]));
  if (choice === "auto" && input.lazy === true && opener.length > 1)
    return { ...writer.done(writer.calls(offered, opener)), trigger: opener };
  const calls = writer.calls(offered, "");
  if (choice === "auto") return writer.done(writer.text([opener], `(${calls})?`));
  const thought = input.thinkingEnd;
  if (thought === undefined) return writer.done(calls);
  return writer.done(writer.text([thought], sequence(literal(thought), "[\\n]{0,2}", calls)));
}

/** The tools that a choice leaves. Raises `SchemaGrammarError` for a named tool that is not there. */
export function offeredTools(tools: readonly ToolSchema[], choice: ToolChoice): readonly ToolSchema[] {
  if (choice === "none") return [];
  if (typeof choice === "string") {
    if (choice === "required" && tools.length === 0)
      throw new SchemaGrammarError("A call is required, and there is no tool.");
    return tools;
  }
  const named = tools.filter((tool) => tool.name === choice.name);
  if (named.length > 0) return named;
  throw new SchemaGrammarError(`There is no tool named ${choice.name}.`, {
    remedy: `The tools are ${tools.map((tool) => tool.name).join(", ") || "none"}.`,
  });
}

/** The text with which calls begin: all up to the first hole. */
function openerOf(shape: CallShape): string {
  const first = shape.unit[0];
  return (shape.before + (typeof first === "string" ? first : "")).trimEnd();
}

class CallWriter {
  readonly #g = new Gbnf();
  readonly #notes: GrammarNote[] = [];
  readonly #shape: CallShape;
  readonly #input: CallGrammarInput;
  readonly #banned: string[];

  constructor(shape: CallShape, input: CallGrammarInput) {
    this.#shape = shape;
    this.#input = input;
    const special = markersOf(input.dialect).filter((mark) => /[<[｜|]/.test(mark.trim()));
    this.#banned = [
      ...new Set(["<|", ...special.map((mark) => mark.trim()), ...(input.banned ?? [])]),
    ].filter(
      (mark, _, all) => mark.length > 1 && !all.some((other) => other !== mark && mark.includes(other)),
    );
  }

  done(root: string): CallGrammar {
    return { gbnf: this.#g.text(root), notes: this.#notes };
  }

  /** Text in which none of these marks stands, and then `close`. */
  text(marks: readonly string[], close = '""'): string {
    return textWithout(this.#g, "text", marks, close, []);
  }

  /** One call or more; `begun` is what stands already. */
  calls(tools: readonly ToolSchema[], begun: string): string {
    const { before, between, after, unit } = this.#shape;
    const first = typeof unit[0] === "string" ? unit[0] : "";
    const bodies = tools.map((tool) => this.#unit(tool, first === "" ? unit : unit.slice(1)));
    const call = this.#g.rule("call", anyOf(bodies));
    const open = (before + first).slice(begun.length);
    const more =
      between === undefined || this.#input.parallel === false
        ? ""
        : repeat(`(${sequence(literal(between + first), call)})`, 0, 15);
    return this.#g.rule("calls", sequence(literal(open), call, more, literal(after)));
  }

  #unit(tool: ToolSchema, unit: CallShape["unit"]): string {
    const parts = unit.map((part) => {
      if (typeof part !== "string") return part.hole === "name" ? literal(tool.name) : this.#arguments(tool);
      return ids(part);
    });
    return this.#g.rule(tool.name, sequence(...parts));
  }

  #arguments(tool: ToolSchema): string {
    const { arguments: shape } = this.#shape;
    const notation = shape.kind === "parameters" ? {} : { notation: shape.notation };
    const strict = this.#input.strict === undefined ? {} : { strict: this.#input.strict };
    const rules = new SchemaRules(this.#g, tool.parameters, { banned: this.#banned, ...notation, ...strict });
    const schema: JsonSchema = { type: "object", ...tool.parameters };
    const text =
      shape.kind === "object"
        ? rules.value(schema, "")
        : shape.kind === "keywords"
          ? this.#keywords(rules, schema)
          : this.#dressed(rules, schema, shape.dress, shape.close, shape.trimmed);
    for (const note of rules.notes) this.#notes.push({ ...note, path: `${tool.name}${note.path}` });
    return text;
  }

  #keywords(rules: SchemaRules, schema: JsonSchema): string {
    const { names, schemas, required } = propertiesOf(rules, schema, "");
    const pairs = names.map((name) =>
      this.#g.rule(name, sequence(literal(`${name}=`), rules.value(schemas[name], `/properties/${name}`))),
    );
    return fields(rules, names, pairs, required);
  }

  #dressed(rules: SchemaRules, schema: JsonSchema, dress: Dress, close: string, trimmed: boolean): string {
    const { names, schemas, required } = propertiesOf(rules, schema, "");
    const parts = names.map((name) => {
      const own = schemas[name];
      const path = `/properties/${name}`;
      const typed = isObject(own) ? own : {};
      const raw = typed["type"] === "string";
      const value = raw ? this.#raw(typed, close, trimmed, rules, path) : rules.value(own, path);
      const before = literal(dress.before + name + typeAttribute(dress.between, typed));
      const one = this.#g.rule(name, sequence(before, value, literal(dress.after)));
      return required.has(name) ? one : `(${one})?`;
    });
    return sequence(...parts);
  }

  /** A text as it is, ended by the closing tag; bounded ones without `<`, so that characters can be counted. */
  #raw(schema: JsonSchema, close: string, trimmed: boolean, rules: SchemaRules, path: string): string {
    const values = Array.isArray(schema["enum"])
      ? schema["enum"]
      : "const" in schema
        ? [schema["const"]]
        : undefined;
    if (values !== undefined) return anyOf(values.filter((value) => typeof value === "string").map(literal));
    for (const keyword of ["pattern"])
      if (schema[keyword] !== undefined)
        rules.note(path, keyword, "wider", `"${keyword}" is left to validation in texts that stand raw.`);
    const min = typeof schema["minLength"] === "number" ? schema["minLength"] : 0;
    const max = typeof schema["maxLength"] === "number" ? schema["maxLength"] : undefined;
    const firsts = new Set([close, ...this.#banned].map((text) => text.codePointAt(0) ?? 0));
    const plain = charClass(
      [[0, 0x1f], [0x20, 0x20], ...[...firsts].map((code): [number, number] => [code, code])],
      true,
    );
    if (min > 0 || max !== undefined)
      return repeat(plain, Math.max(1, min), max === undefined ? undefined : Math.max(1, max));
    const lines = textWithout(this.#g, "raw", [close, ...this.#banned], '""', [
      [0, 8],
      [0x0b, 0x1f],
    ]);
    return trimmed ? sequence(plain, repeat(`(" "? ${plain})`, 0)) : sequence(plain, lines);
  }
}

/** Attributes that tell a value's type, as the sample has them for a text. */
function typeAttribute(between: string, schema: JsonSchema): string {
  const type = typeof schema["type"] === "string" ? schema["type"] : "string";
  const kind = type === "integer" ? "number" : type;
  return between
    .replace('string="true"', `string="${type === "string"}"`)
    .replace('type="string"', `type="${kind}"`);
}

/** A literal in which ids, that the model makes up, stay free: nine letters and digits (Mistral). */
function ids(text: string): string {
  const sample = /"id": "([A-Za-z0-9]{9})"/.exec(text);
  if (sample?.[1] === undefined) return literal(text);
  const at = sample.index + sample[0].indexOf(sample[1]);
  return sequence(literal(text.slice(0, at)), "[A-Za-z0-9]{9}", literal(text.slice(at + 9)));
}

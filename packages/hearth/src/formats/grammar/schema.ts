import { isObject, type JsonSchema, type JsonValue } from "../../protocol/index.ts";
import { arrayRule, objectRule } from "./containers.ts";
import { anyOf, Gbnf, literal, sequence } from "./gbnf.ts";
import { merge, resolveRef } from "./merge.ts";
import { json, type Notation, valueText } from "./notation.ts";
import { numberRule } from "./numeric.ts";
import { patternRule } from "./pattern.ts";
import { MAX_COUNTED, type StringBounds } from "./strings.ts";
import { type GrammarNote, type Rules, SchemaGrammarError, type SchemaGrammarOptions } from "./types.ts";

/** Keywords that only validation can judge; their absence from the grammar is noted. */
const LEFT_TO_VALIDATION = [
  "not",
  "if",
  "dependentSchemas",
  "dependentRequired",
  "dependencies",
  "uniqueItems",
  "contains",
  "propertyNames",
  "patternProperties",
  "unevaluatedItems",
];

const TYPES = ["string", "integer", "number", "boolean", "null", "array", "object"];

/** Turns the parts of one schema document into rules of one grammar. */
export class SchemaRules implements Rules {
  readonly g: Gbnf;
  readonly notes: GrammarNote[] = [];
  readonly options: SchemaGrammarOptions;
  readonly banned: readonly string[];
  readonly notation: Notation;
  readonly #root: JsonSchema;
  readonly #refs = new Map<string, string>();

  constructor(g: Gbnf, root: JsonSchema, options: SchemaGrammarOptions = {}) {
    this.g = g;
    this.#root = root;
    this.options = options;
    this.banned = options.banned ?? ["<|"];
    this.notation = options.notation ?? json;
  }

  note(path: string, keyword: string, effect: GrammarNote["effect"], message: string): void {
    if (effect === "wider" && this.options.strict === true)
      throw new SchemaGrammarError(`The schema can't be enforced at ${path || "/"}: ${message}`, {
        remedy: `Write the schema without "${keyword}", or leave the check to validation.`,
      });
    this.notes.push({ path, keyword, effect, message });
  }

  fail(path: string, message: string): never {
    throw new SchemaGrammarError(`No value fits the schema at ${path || "/"}: ${message}`, {
      remedy: "Correct the schema of the tool.",
    });
  }

  /** The expression that writes a value of this schema. */
  value(schema: JsonValue | undefined, path: string): string {
    if (schema === false) this.fail(path, "it is `false`");
    if (schema === undefined || schema === true) return this.anything();
    if (!isObject(schema)) this.fail(path, "a schema is an object or a boolean");
    if (typeof schema["$ref"] === "string") return this.#reference(schema, schema["$ref"], path);
    if ("const" in schema) return literal(this.#text(schema["const"]));
    if (Array.isArray(schema["enum"])) return this.#enum(schema, schema["enum"], path);
    for (const keyword of ["anyOf", "oneOf"] as const) {
      const branches = schema[keyword];
      if (Array.isArray(branches)) return this.#branches(schema, keyword, branches, path);
    }
    if (Array.isArray(schema["allOf"])) {
      const { allOf, ...rest } = schema;
      return this.value(merge(this, this.#root, [rest, ...(allOf as JsonValue[])], path), path);
    }
    return this.#typed(schema, path);
  }

  #typed(schema: JsonSchema, path: string): string {
    for (const keyword of LEFT_TO_VALIDATION)
      if (schema[keyword] !== undefined && schema[keyword] !== false)
        this.note(
          path,
          keyword,
          "wider",
          `"${keyword}" is not part of the grammar; validation must check it.`,
        );
    const types = typesOf(schema);
    if (types.length === 0) return this.anything();
    return anyOf(types.map((type) => this.#ofType(type, schema, path)));
  }

  #ofType(type: string, schema: JsonSchema, path: string): string {
    if (type !== "object" && type !== "array") {
      const pointed = this.options.leaf?.({ ...schema, type }, path);
      if (pointed !== undefined) return pointed;
    }
    switch (type) {
      case "string":
        return this.#string(schema, path);
      case "integer":
      case "number":
        return numberRule(this, schema, type, path);
      case "boolean":
        return anyOf([literal(this.notation.yes), literal(this.notation.no)]);
      case "null":
        return literal(this.notation.nil);
      case "array":
        return arrayRule(this, schema, path);
      case "object":
        return objectRule(this, schema, path);
      default:
        return this.fail(path, `"${type}" is no type; types are ${TYPES.join(", ")}`);
    }
  }

  #string(schema: JsonSchema, path: string): string {
    const min = typeof schema["minLength"] === "number" ? schema["minLength"] : 0;
    const max = typeof schema["maxLength"] === "number" ? schema["maxLength"] : undefined;
    if (max !== undefined && max < min) this.fail(path, `minLength ${min} is more than maxLength ${max}`);
    if (typeof schema["pattern"] === "string") {
      const rule = this.notation.patterns
        ? patternRule(this.g, schema["pattern"], this.banned)
        : { unsupported: "a notation whose strings are not JSON's" };
      if (typeof rule === "string") {
        if (min > 0 || max !== undefined)
          this.note(path, "minLength", "wider", "Only the pattern is part of the grammar, not the length.");
        return rule;
      }
      this.note(path, "pattern", "wider", `The pattern ${schema["pattern"]} uses ${rule.unsupported}.`);
    }
    if (min > MAX_COUNTED)
      this.fail(path, `minLength ${min} is more than a grammar can count (${MAX_COUNTED})`);
    if (max !== undefined && max > MAX_COUNTED) {
      this.note(path, "maxLength", "wider", `A length above ${MAX_COUNTED} is left to validation.`);
      return this.text({ min });
    }
    return this.text(max === undefined ? { min } : { min, max });
  }

  #enum(schema: JsonSchema, values: JsonValue[], path: string): string {
    const types = schema["type"] === undefined ? undefined : typesOf(schema);
    const fitting = values.filter(
      (value) => types === undefined || types.some((type) => isOfType(value, type)),
    );
    if (fitting.length === 0) this.fail(path, "its enum is empty");
    return anyOf(fitting.map((value) => literal(this.#text(value))));
  }

  #branches(schema: JsonSchema, keyword: "anyOf" | "oneOf", branches: JsonValue[], path: string): string {
    const { [keyword]: _own, ...rest } = schema;
    if (branches.length === 0) this.fail(path, `its ${keyword} is empty`);
    const plain = Object.keys(rest).every((key) => ANNOTATIONS.has(key));
    if (keyword === "oneOf" && !disjoint(branches))
      this.note(path, "oneOf", "wider", "A value may fit more than one branch; validation must check it.");
    const written: string[] = [];
    for (const [i, branch] of branches.entries()) {
      if (branch === false) continue;
      const at = `${path}/${keyword}/${i}`;
      written.push(this.value(plain ? branch : merge(this, this.#root, [rest, branch], at), at));
    }
    return written.length === 0 ? this.fail(path, `no branch of its ${keyword} can be met`) : anyOf(written);
  }

  #reference(schema: JsonSchema, ref: string, path: string): string {
    const { $ref: _ref, ...beside } = schema;
    if (Object.keys(beside).some((key) => !ANNOTATIONS.has(key) && key !== "$defs" && key !== "definitions"))
      return this.value(
        merge(this, this.#root, [beside, resolveRef(this, this.#root, ref, path)], path),
        path,
      );
    const known = this.#refs.get(ref);
    if (known !== undefined) return known;
    const name = this.g.reserve(ref.split("/").at(-1) || "ref");
    this.#refs.set(ref, name);
    const body = this.value(resolveRef(this, this.#root, ref, path), path);
    if (body === name) this.fail(path, `${ref} refers to nothing but itself`);
    this.g.define(name, body);
    return name;
  }

  /** A string within bounds. */
  text(bounds: StringBounds = {}): string {
    return this.notation.string(this.g, this.banned, bounds);
  }

  #text(value: JsonValue | undefined): string {
    return valueText(value, this.notation);
  }

  /** Any value. */
  anything(): string {
    const known = this.#refs.get("*");
    if (known !== undefined) return known;
    const name = this.g.reserve("any");
    this.#refs.set("*", name);
    const string = this.text();
    const list = sequence('"["', `(${name} (", " ${name})*)?`, '"]"');
    const pair = `${this.notation.freeKey(this.g, this.banned)} ${name}`;
    const map = sequence('"{"', `(${pair} (", " ${pair})*)?`, '"}"');
    const number = numberRule(this, {}, "number", "");
    const fixed = [this.notation.yes, this.notation.no, this.notation.nil].map(literal).join(" | ");
    this.g.define(name, `${string} | ${number} | ${fixed} | ${list} | ${map}`);
    return name;
  }
}

/** Keywords that say nothing about which values fit. */
export const ANNOTATIONS: ReadonlySet<string> = new Set(
  "$schema $id $comment $anchor title description default examples deprecated readOnly writeOnly format".split(
    " ",
  ),
);

function typesOf(schema: JsonSchema): string[] {
  const type = schema["type"];
  if (typeof type === "string") return [type];
  if (Array.isArray(type)) return type.filter((one) => typeof one === "string");
  if ("properties" in schema || "required" in schema || "additionalProperties" in schema) return ["object"];
  if ("items" in schema || "prefixItems" in schema) return ["array"];
  if ("pattern" in schema || "minLength" in schema || "maxLength" in schema) return ["string"];
  if ("minimum" in schema || "maximum" in schema || "multipleOf" in schema) return ["number"];
  return [];
}

function isOfType(value: JsonValue, type: string): boolean {
  if (type === "integer") return Number.isInteger(value);
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isObject(value);
  return typeof value === type;
}

/** Whether no value can fit two of these: different types, or one property whose constants differ. */
function disjoint(branches: JsonValue[]): boolean {
  const schemas = branches.filter(isObject);
  if (schemas.length !== branches.length) return false;
  const types = schemas.map((schema) => (schema["type"] === "integer" ? "number" : schema["type"]));
  if (types.every((type) => typeof type === "string") && new Set(types).size === types.length) return true;
  const properties = schemas.map((schema) => (isObject(schema["properties"]) ? schema["properties"] : {}));
  return Object.keys(properties[0] ?? {}).some((key) => {
    const constants = properties.map((own, i) => {
      const required = schemas[i]?.["required"];
      const property = own[key];
      const bound = Array.isArray(required) && required.includes(key) && isObject(property);
      return bound && "const" in property ? JSON.stringify(property["const"]) : undefined;
    });
    return !constants.includes(undefined) && new Set(constants).size === constants.length;
  });
}

/** The grammar of one value of a schema. */
export function gbnfOfSchema(
  schema: JsonSchema,
  options: SchemaGrammarOptions = {},
): { gbnf: string; notes: GrammarNote[] } {
  const g = new Gbnf();
  const rules = new SchemaRules(g, schema, options);
  const root = rules.value(schema, "");
  return { gbnf: g.text(root), notes: rules.notes };
}

import { isObject, type JsonSchema, type Tool, ToolDefinitionError, ToolError } from "../protocol/index.ts";
import { isStandard, jsonSchemaOf, validateStandard } from "./standard.ts";
import { schemaProblems } from "./validate/check.ts";

/** A tool written out, looked at closely: what is wrong with it is told at the start, not at the first call. */
export function definedTool(value: unknown, name: string | undefined, index: number): Tool {
  if (typeof value !== "object" || value === null) {
    const what = isStandard(value) ? "a schema" : value === null ? "null" : `a ${typeof value}`;
    throw new ToolDefinitionError(
      `Tool ${index + 1} is ${what}, and neither a function nor { name, description, parameters, run }.`,
      {
        remedy: "Give a function, or tool({ name, description, parameters, run }).",
      },
    );
  }
  const fields: Record<string, unknown> = { ...value };
  const label = typeof fields["name"] === "string" && fields["name"] !== "" ? fields["name"] : name;
  const fail = (message: string, remedy: string): ToolDefinitionError =>
    new ToolDefinitionError(
      `${label === undefined ? `Tool ${index + 1}` : `The tool ${label}`} ${message}.`,
      { remedy },
    );
  if (label === undefined) throw fail("has no name", "Give it a name.");
  if (!/^[A-Za-z_][\w-]{0,63}$/.test(label)) {
    throw fail(
      "has a name that engines do not take",
      "Use letters, digits, _ and -, at most 64, a letter first.",
    );
  }
  const run = "run" in value ? value.run : undefined;
  if (typeof run !== "function") throw fail("has no run function", "Add run(args, context).");
  const schema = fields["parameters"] ??
    fields["input"] ?? { type: "object", properties: {}, additionalProperties: false };
  const standard = isStandard(schema) ? schema : undefined;
  const parameters = parametersOf(standard ? jsonSchemaOf(standard, label) : schema, fail);
  const made: Tool = {
    name: label,
    description: textField(fields["description"], fail),
    parameters,
    async run(args, context) {
      const checked = standard ? await validateStandard(standard, args) : { value: args };
      if ("fault" in checked)
        throw new ToolError(checked.fault, { remedy: "Correct these arguments and call again." });
      return Reflect.apply(run, value, [checked.value, context]);
    },
  };
  return Object.assign(made, optionsOf(fields, fail));
}

type Fail = (message: string, remedy: string) => ToolDefinitionError;

function textField(description: unknown, fail: Fail): string {
  if (description === undefined) return "";
  if (typeof description !== "string")
    throw fail("has a description that is no text", "Say in words what it does.");
  return description;
}

function parametersOf(value: unknown, fail: Fail): JsonSchema {
  const remedy = 'Write JSON Schema: { type: "object", properties: { … }, required: [ … ] }.';
  if (!isObject(value)) throw fail("has parameters that are no schema", remedy);
  const { $schema: _, ...schema } = value;
  const isShorthand =
    Object.keys(schema).length > 0 && !Object.keys(schema).some((key) => OBJECT_KEYWORDS.has(key));
  if (isShorthand) throw fail("has parameters that are no JSON Schema but a list of fields", remedy);
  const { type } = schema;
  if (type !== undefined && type !== "object")
    throw fail(
      `has parameters of the type ${JSON.stringify(type)}, and arguments are always an object`,
      remedy,
    );
  const problems = schemaProblems(schema);
  if (problems.length > 0)
    throw fail(`has parameters that can't be checked: ${problems.slice(0, 3).join("; ")}`, remedy);
  return type === undefined ? { type: "object", ...schema } : schema;
}

const OBJECT_KEYWORDS = new Set(
  "type properties required additionalProperties patternProperties propertyNames $ref $defs definitions allOf anyOf oneOf not if description title minProperties maxProperties unevaluatedProperties dependentRequired $id $comment".split(
    " ",
  ),
);

/** The options of a tool, each of its kind. */
function optionsOf(fields: Record<string, unknown>, fail: Fail): Partial<Tool> {
  const options: Partial<Tool> = {};
  const oneOf = <T extends string>(key: string, ...allowed: T[]): T | undefined => {
    const value = fields[key];
    if (value === undefined) return undefined;
    const found = allowed.find((item) => item === value);
    if (found === undefined) throw fail(`has ${key}: ${String(value)}`, `Use one of ${allowed.join(", ")}.`);
    return found;
  };
  const positive = (key: string): number | undefined => {
    const value = fields[key];
    if (value === undefined) return undefined;
    if (typeof value !== "number" || !(value > 0))
      throw fail(`has ${key}: ${String(value)}`, "Use a number above 0.");
    return value;
  };
  const effect = oneOf("effect", "none", "idempotent", "once");
  const reads = oneOf("reads", "public", "private");
  const source = oneOf("source", "trusted", "untrusted");
  const timeoutMs = positive("timeoutMs");
  const concurrency = positive("concurrency");
  const { egress } = fields;
  if (egress !== undefined && typeof egress !== "boolean")
    throw fail("has an egress that is neither true nor false", "Use true or false.");
  if (effect !== undefined) options.effect = effect;
  if (reads !== undefined) options.reads = reads;
  if (source !== undefined) options.source = source;
  if (egress !== undefined) options.egress = egress;
  if (timeoutMs !== undefined) options.timeoutMs = timeoutMs;
  if (concurrency !== undefined) options.concurrency = concurrency;
  return options;
}

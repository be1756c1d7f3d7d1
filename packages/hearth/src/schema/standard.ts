import { isObject, type JsonSchema, ToolDefinitionError } from "../protocol/index.ts";

/**
 * The part of Standard Schema (v1) and Standard JSON Schema (v1) that is used: https://standardschema.dev.
 * zod 4.2 and later, and arktype, carry both; valibot 1.5 only `validate`.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate?: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly jsonSchema?: {
      readonly input: (options: { target: "draft-2020-12" }) => Record<string, unknown>;
    };
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

export function isStandard(value: unknown): value is StandardSchema {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  return "~standard" in value && typeof value["~standard"] === "object" && value["~standard"] !== null;
}

/** The JSON Schema that a schema object gives of its input. */
export function jsonSchemaOf(schema: StandardSchema, name: string): JsonSchema {
  const { vendor, jsonSchema } = schema["~standard"];
  if (typeof jsonSchema?.input !== "function") {
    throw new ToolDefinitionError(
      `The tool ${name} has parameters of ${vendor}, which give no JSON Schema.`,
      {
        remedy:
          "Use a version with Standard JSON Schema (zod 4.2, arktype 2.1), or write the JSON Schema out.",
      },
    );
  }
  let made: unknown;
  try {
    made = jsonSchema.input({ target: "draft-2020-12" });
  } catch (error) {
    throw new ToolDefinitionError(
      `The tool ${name} has parameters that ${vendor} can't write as JSON Schema: ${error instanceof Error ? error.message : error}.`,
      { remedy: "Take types that JSON has, or write the JSON Schema out.", cause: error },
    );
  }
  // A copy: libraries may hand out the same object again.
  const copy: unknown = JSON.parse(JSON.stringify(made));
  if (!isObject(copy))
    throw new ToolDefinitionError(
      `The tool ${name} has parameters of ${vendor} whose JSON Schema is no object.`,
    );
  return copy;
}

/** The value as the schema object reads it (its own checks and transforms), or what is wrong in words. */
export async function validateStandard(
  schema: StandardSchema,
  args: unknown,
): Promise<{ value: unknown } | { fault: string }> {
  const { validate } = schema["~standard"];
  if (typeof validate !== "function") return { value: args };
  const result = await validate(args);
  if (!result.issues) return { value: result.value };
  const told = result.issues.slice(0, 3).map((issue) => {
    const path = (issue.path ?? [])
      .map((part) => String(typeof part === "object" ? part.key : part))
      .join(".");
    return path === "" ? issue.message : `"${path}": ${issue.message}`;
  });
  const more = result.issues.length - told.length;
  return { fault: `Wrong arguments: ${told.join("; ")}${more > 0 ? `; and ${more} more` : ""}` };
}

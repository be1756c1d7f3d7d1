import { ToolDefinitionError } from "hearth";

/** A property of an unknown value. */
export function field(value: unknown, key: string): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined;
  return Reflect.get(value, key);
}

/** The first of these properties that is a text. */
export function textField(value: unknown, ...keys: string[]): string | undefined {
  for (const key of keys) {
    const found = field(value, key);
    if (typeof found === "string" && found !== "") return found;
  }
  return undefined;
}

/** Calls a method with its object. */
export function callMethod(value: object, key: string, ...args: unknown[]): unknown {
  const method = field(value, key);
  if (typeof method !== "function") throw new ToolDefinitionError(`There is no ${key} to call.`);
  return Reflect.apply(method, value, args);
}

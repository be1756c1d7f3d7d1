import { isObject, type JsonObject, UsageError } from "hearth";

/** One line of a file of rows. Raises `UsageError` with its number where it is no JSON object. */
export function objectOf(line: string, at: number): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new UsageError(`Row ${at} is not JSON.`, { remedy: "Write one JSON object a line.", cause: error });
  }
  if (isObject(value)) return value;
  throw new UsageError(`Row ${at} is no JSON object.`, { remedy: "Write one JSON object a line." });
}

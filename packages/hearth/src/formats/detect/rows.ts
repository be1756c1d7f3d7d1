import { isObject, type JsonValue } from "../../protocol/index.ts";
import { detect } from "./any.ts";
import { type Detected, FALLBACK } from "./detect.ts";

export type DetectedRow = { id: JsonValue } & Pick<Detected, "format" | "confidence" | "how">;

/** One row of `hearth formats detect - --jsonl`: `{"id","templateText"}` to `{"id","format","confidence","how"}`. */
export function detectRow(row: unknown): DetectedRow {
  const id = isObject(row) ? (row["id"] ?? null) : null;
  const text = isObject(row) ? row["templateText"] : undefined;
  const { format, confidence, how } = typeof text === "string" ? detect(text) : FALLBACK;
  return { id, format, confidence, how };
}

/**
 * Which format a model writes: from its chat template, its tokenizer's `response_template`, or its name.
 * Owns the recognition and its proof by the round trip; the formats themselves are in `dialects/`.
 */

export { detect, detectModel, type ModelSources } from "./any.ts";
export { type Detected, type DetectedHow, FALLBACK } from "./detect.ts";
export { formatOfModel } from "./families.ts";
export { compileResponseTemplate } from "./response-template.ts";
export { renderCalls, roundTrips, showsCalls } from "./round-trip.ts";
export { type DetectedRow, detectRow } from "./rows.ts";
export { sameJson } from "./same.ts";

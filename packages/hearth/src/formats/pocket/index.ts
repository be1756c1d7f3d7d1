/**
 * The format of Hearth's own small model: the compact prompt that its adapter was trained on, the grammar by which it
 * points at texts instead of writing them, and the answers that the runtime gives in its place. Owns nothing of how the
 * model runs; its calls are written as Hermes writes them and are read by the shared engine.
 */
export { pocketAnswer } from "./answer.ts";
export { type PocketGrammar, pocketGrammar } from "./grammar.ts";
export { pocketPrompt } from "./prompt.ts";

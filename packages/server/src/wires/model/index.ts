/**
 * Questions to models as every wire asks them: one core for streamed and whole answers. Owns the mending of calls, the check for
 * prompts cut in silence, and the loop behind the name of a model. Knows no wire.
 */
export { AGENT_MODEL, isAgentName } from "./agent-answer.ts";
export { answer } from "./answer.ts";
export { collect } from "./collect.ts";
export { countTokens } from "./count.ts";
export { knownModels } from "./models.ts";
export type * from "./types.ts";

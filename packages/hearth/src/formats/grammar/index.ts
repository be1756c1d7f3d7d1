/**
 * Grammars that make a wrong call impossible: GBNF from JSON Schema and from the way a dialect writes calls, and JSON
 * Schema for engines that take a response format instead. Owns what may be written; what the written text means is the
 * parser's, whether a value is right beyond its shape is the schema room's.
 */
export { type CallGrammar, type CallGrammarInput, callGrammar } from "./call.ts";
export { callArguments, callSchema, choose, chosen } from "./choose.ts";
export { anyOf, Gbnf, literal, sequence } from "./gbnf.ts";
export { jsonText } from "./notation.ts";
export { gbnfOfSchema, SchemaRules } from "./schema.ts";
export { type GrammarNote, SchemaGrammarError, type SchemaGrammarOptions } from "./types.ts";

/**
 * The workspace as the only world: from the words of a model to an open file or folder below one root.
 * Owns the grammar of paths, the walk from folder to folder without following links, and the errors that teach.
 * Does not own what is done with the file, nor whether a write is wanted (judge/, policy).
 */
export * from "./explain.ts";
export * from "./names.ts";
export * from "./parse.ts";
export * from "./walk.ts";

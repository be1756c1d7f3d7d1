import type { Effect, Tool } from "../../protocol/index.ts";
import type { Doc } from "./doc.ts";
import type { SourceFile } from "./file.ts";

/** What a comment says of a tool as a whole. */
export interface ToolTags {
  effect?: Effect;
  reads?: "public" | "private";
  source?: "trusted" | "untrusted";
  egress?: boolean;
  timeoutMs?: number;
}

/** `@effect none|idempotent|once`, `@timeout SECONDS`, `@reads public|private`, `@source trusted|untrusted`, `@egress [true|false]`. */
export function toolTags(doc: Doc, file: SourceFile, offset: number): ToolTags {
  const tags: ToolTags = {};
  for (const { name, text } of doc.tags) {
    const [word = ""] = text.split(/\s/);
    const oneOf = <T extends string>(...allowed: T[]): T => {
      const found = allowed.find((value) => value === word);
      if (found !== undefined) return found;
      throw file.fault(
        `has @${name} ${word || "without a value"}, and it is one of ${allowed.join(", ")}`,
        offset,
      );
    };
    if (name === "effect") tags.effect = oneOf("none", "idempotent", "once");
    else if (name === "reads") tags.reads = oneOf("public", "private");
    else if (name === "source") tags.source = oneOf("trusted", "untrusted");
    else if (name === "egress") tags.egress = word === "" || oneOf("true", "false") === "true";
    else if (name === "timeout") {
      const seconds = Number(word.replace(/s$/, ""));
      if (word === "" || !(seconds > 0 && seconds < 1e6)) {
        throw file.fault(`has @timeout ${word || "without a value"}, and it is a number of seconds`, offset);
      }
      tags.timeoutMs = Math.round(seconds * 1000);
    }
  }
  return tags;
}

/** The same of any tool, without what is left out. */
export function tagsOf(tool: ToolTags | Tool): ToolTags {
  const tags: ToolTags = {};
  if (tool.effect !== undefined) tags.effect = tool.effect;
  if (tool.reads !== undefined) tags.reads = tool.reads;
  if (tool.source !== undefined) tags.source = tool.source;
  if (tool.egress !== undefined) tags.egress = tool.egress;
  if (tool.timeoutMs !== undefined) tags.timeoutMs = tool.timeoutMs;
  return tags;
}

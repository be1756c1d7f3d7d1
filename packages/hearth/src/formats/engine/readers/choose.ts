import type { Body, CallSyntax } from "../../dialects/types.ts";
import { type Look, MORE, NO, type Source, YES } from "../source.ts";
import { GemmaReader } from "./gemma.ts";
import { JsonReader } from "./json.ts";
import { NamedReader } from "./named.ts";
import { NestedReader } from "./nested.ts";
import { PythonReader } from "./python.ts";
import type { Reader } from "./reader.ts";
import { TaggedReader } from "./tagged.ts";

/** The reader of the first body that fits the text here. */
export function chooseReader(
  src: Source,
  syntaxes: readonly CallSyntax[],
  knowsTools: boolean,
): { syntax: CallSyntax; reader: Reader } | typeof MORE | typeof NO {
  for (const syntax of syntaxes)
    for (const body of syntax.body) {
      const look = fits(body, src);
      if (look === MORE) return MORE;
      if (look === YES) {
        const strict = syntax.bare !== undefined || syntax.unknown === "text";
        return { syntax, reader: readerFor(body, undefined, strict, strict && !knowsTools) };
      }
    }
  return NO;
}

/** `name` is given where a message header has named the tool already. */
export function readerFor(body: Body, name?: string, strict = false, careful = false): Reader {
  switch (body.kind) {
    case "json":
      return name === undefined
        ? new JsonReader(body, strict, careful)
        : new NamedReader({ kind: "named", header: /^/ }, name);
    case "named":
      return new NamedReader(body, name);
    case "tagged":
      return new TaggedReader(body, name);
    case "nested":
      return new NestedReader(body);
    case "python":
      return new PythonReader(body);
    case "gemma":
      return new GemmaReader(body);
  }
}

function fits(body: Body, src: Source): Look {
  const char = src.text[src.pos]!;
  switch (body.kind) {
    case "json": {
      const lead = src.oneOf([...(body.lead ?? []), "```json", "```"]);
      if (lead === MORE) return MORE;
      return typeof lead === "string" || char === "{" || char === "[" ? YES : NO;
    }
    case "named":
      return (body.first ?? /[\p{L}_<]/u).test(char) ? YES : NO;
    case "tagged": {
      if (body.call === undefined) return YES;
      const open = src.oneOf(body.call.open.filter((one) => one !== ""));
      if (open === MORE) return MORE;
      if (typeof open === "string") return YES;
      return body.call.open.includes("") && /[\p{L}_]/u.test(char) ? YES : NO;
    }
    case "nested":
      return src.at(body.prefix);
    case "python":
      if (body.list !== "never" && char === "[") return YES;
      return body.list !== "always" && /[\p{L}_]/u.test(char) ? YES : NO;
    case "gemma":
      return char === ":" ? YES : src.at(body.lead);
  }
}

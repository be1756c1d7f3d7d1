/** A tag and what follows it. */
export interface Tag {
  name: string;
  text: string;
}

/** What a comment says of one parameter or property. */
export interface FieldDoc {
  text: string;
  /** The type between braces. */
  type: string | undefined;
  /** Written as `[name]`, or its type ends in `=`. */
  optional: boolean;
  /** The text after `=` in `[name=5]`. */
  fallback: string | undefined;
  /** Tags that follow: `@minimum 0`. */
  tags: Tag[];
}

export interface Doc {
  /** The text before the first tag. */
  text: string;
  params: Map<string, FieldDoc>;
  properties: Map<string, FieldDoc>;
  /** Tags that belong to no parameter. */
  tags: Tag[];
  /** The type of `@type {…}`. */
  type: string | undefined;
  typedef: { name: string; type: string | undefined; offset: number } | undefined;
}

/** Tags that limit a value; after `@param name` they are this parameter's. */
export const VALUE_TAGS: ReadonlySet<string> = new Set(
  "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern format minItems maxItems uniqueItems title example default integer deprecated".split(
    " ",
  ),
);

/** Tags about the tool as a whole, wherever they stand. */
export const TOOL_TAGS: ReadonlySet<string> = new Set(["effect", "timeout", "reads", "source", "egress"]);

const PARAM_TAGS = new Set(["param", "arg", "argument"]);
const OTHER_TAGS = new Set(["returns", "return", "throws", "property", "prop", "type", "typedef"]);

/** Reads a doc comment, of one line or of many. `{@link x}` becomes its text. */
export function readDoc(comment: string): Doc {
  const text = comment.replace(/^[ \t]*\*(?!\*)[ \t]?/gm, "").replace(/\r/g, "");
  const doc: Doc = {
    text: "",
    params: new Map(),
    properties: new Map(),
    tags: [],
    type: undefined,
    typedef: undefined,
  };
  let field: FieldDoc | undefined;
  let isTool = true;
  for (const { name, body } of sectionsOf(text)) {
    if (name === "") doc.text = paragraphs(body);
    else if (PARAM_TAGS.has(name) || name === "property" || name === "prop") {
      const read = readField(body);
      if (!read) continue;
      field = read.field;
      (PARAM_TAGS.has(name) ? doc.params : doc.properties).set(read.name, field);
      isTool = false;
    } else if (TOOL_TAGS.has(name)) doc.tags.push({ name, text: oneLine(body) });
    else if (VALUE_TAGS.has(name)) {
      const tag = { name, text: body.trim() };
      if (field) field.tags.push(tag);
      else if (isTool) doc.tags.push(tag);
    } else {
      if (name === "type") doc.type = braced(body)?.inside;
      if (name === "typedef") doc.typedef = readTypedef(body);
      field = undefined;
      isTool = name === "type" || name === "typedef";
    }
  }
  return doc;
}

function sectionsOf(text: string): { name: string; body: string }[] {
  const sections: { name: string; body: string }[] = [];
  let name = "";
  let start = 0;
  for (const match of text.matchAll(/(^|\s)@([A-Za-z]+)\b/g)) {
    const at = match.index + (match[1]?.length ?? 0);
    const tag = match[2] ?? "";
    const line = text.slice(text.lastIndexOf("\n", at - 1) + 1, at);
    const known = VALUE_TAGS.has(tag) || TOOL_TAGS.has(tag) || PARAM_TAGS.has(tag) || OTHER_TAGS.has(tag);
    // In the middle of a line only what is surely meant as a tag; never inside `code`.
    if ((line.trim() !== "" && !known) || (line.match(/`/g)?.length ?? 0) % 2 === 1) continue;
    sections.push({ name, body: text.slice(start, at) });
    name = tag;
    start = at + tag.length + 1;
  }
  sections.push({ name, body: text.slice(start) });
  return sections;
}

function readField(body: string): { name: string; field: FieldDoc } | undefined {
  const type = braced(body);
  const rest = (type ? type.after : body).trimStart();
  const bracket = rest.startsWith("[") ? balanced(rest, "[", "]") : undefined;
  const head = bracket?.inside ?? /^[\p{L}_$][\p{L}\p{N}_$.[\]]*/u.exec(rest)?.[0];
  if (head === undefined) return undefined;
  const [name = "", ...fallback] = head.split("=");
  const text = bracket ? bracket.after : rest.slice(head.length);
  return {
    name: name.trim(),
    field: {
      text: oneLine(text).replace(/^[-:–—]\s*/, ""),
      type: type?.inside.trim(),
      optional: bracket !== undefined || (type?.inside.trim().endsWith("=") ?? false),
      fallback: fallback.length > 0 ? fallback.join("=").trim() : undefined,
      tags: [],
    },
  };
}

function readTypedef(body: string): Doc["typedef"] {
  const type = braced(body);
  const name = /^\s*([\p{L}_$][\p{L}\p{N}_$]*)/u.exec(type ? type.after : body)?.[1];
  return name === undefined ? undefined : { name, type: type?.inside.trim(), offset: 0 };
}

function braced(text: string): { inside: string; after: string } | undefined {
  const start = text.trimStart();
  return start.startsWith("{") ? balanced(start, "{", "}") : undefined;
}

/** The text inside the bracket that opens a text, and what comes after its end. */
function balanced(text: string, open: string, close: string): { inside: string; after: string } | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === open) depth++;
    else if (text[at] === close && --depth === 0)
      return { inside: text.slice(1, at), after: text.slice(at + 1) };
  }
  return undefined;
}

/** `{@link target|text}` as its text. */
function plain(text: string): string {
  return text.replace(/\{@\w+\s+([^}|\s]+)(?:[|\s]\s*([^}]*))?\}/g, (_, target: string, label?: string) =>
    label === undefined || label === "" ? target : label,
  );
}

export function oneLine(text: string): string {
  return plain(text).replace(/\s+/g, " ").trim();
}

/** Lines of a paragraph are joined; paragraphs and entries of a list keep their lines. */
function paragraphs(text: string): string {
  return plain(text)
    .split(/\n[ \t]*\n|\n(?=[ \t]*(?:[-*•]|\d+[.)])[ \t])/)
    .map((part) => part.replace(/\s+/g, " ").trim())
    .filter((part) => part !== "")
    .join("\n");
}

/** A JSON object `{"name", "arguments"}`, or an array of them. */
export interface JsonBody {
  kind: "json";
  /** Keys that hold the name, the arguments, the id; the canonical one first. Defaults in `JSON_KEYS`. */
  name?: readonly string[];
  args?: readonly string[];
  id?: readonly string[];
  /** The only key of the object is the name, its value the arguments. */
  keyed?: boolean;
  /** A text that stands before the JSON, `functools` for example. */
  lead?: readonly string[];
  /** Never a list. */
  single?: boolean;
  /** An object without arguments is no call. */
  argsNeeded?: boolean;
  /** What may stand between calls written one after another; a line break stands for any white space. Default: only an array holds several. */
  separators?: readonly string[];
}

/** A header with the name, then the arguments as a JSON object. */
export interface NamedBody {
  kind: "named";
  /** Applied to the text between marker and arguments; groups `name` and, where there is one, `id`. */
  header: RegExp;
  /** Texts after the arguments that belong to the call's dress, a closing fence for example. */
  tail?: readonly string[];
  /** The header may end the call: no arguments at all. */
  bareName?: boolean;
  /** Characters a header may have. Default 300. */
  maxHeader?: number;
  /** The header has to fit this from its first character on; told apart early from prose. */
  first?: RegExp;
}

export interface Tag {
  /** Beginning of the opening tag, up to where the name or key stands. */
  open: readonly string[];
  /** End of the opening tag, consumed. */
  end: readonly string[];
  /** End of the opening tag, not consumed: the next tag, or the end of the line. */
  endBefore?: readonly string[];
  /** Applied to what stands between; group `name` (or `key`), and `type`, `string`, `id` where the dialect writes them. */
  header: RegExp;
  close: readonly string[];
  /** What the header may look like while it is not whole; tells a name from prose early. */
  partial?: RegExp;
  /** Where this stands instead of `end`, and no `end` follows it, it ends the header too. */
  loose?: string;
  /** Taken out of the header before it is read: tokens that slip into it. */
  clean?: RegExp;
}

/** Parameters in tags; values are raw text and get their type from the tool's schema. */
export interface TaggedBody {
  kind: "tagged";
  /** The tag with the tool's name; none where a message header names the tool. */
  call?: Tag;
  param: Tag;
  /** White space that belongs to the writing, not to the value: one line break at each side, all of it, or none. */
  trim: "newline" | "all" | "none";
  /** A JSON object may stand where the parameters should. */
  jsonBody?: boolean;
  /** Several calls may stand in one wrapper. */
  many?: boolean;
  /** Values may be wrapped in `<![CDATA[…]]>`. */
  cdata?: boolean;
  /** The same parameter twice is a fault. Default: the last one counts. */
  unique?: boolean;
  /** Parameters that the schema does not know are left out; a call without a required one is none. */
  closed?: boolean;
  /** A single parameter of this name that holds an object stands for all parameters. */
  wrappers?: readonly string[];
}

/** Tags all the way down: the tag is the key, arrays are lists of `item`. */
export interface NestedBody {
  kind: "nested";
  /** Stands before every tag. */
  prefix: string;
}

/** `[name(key=value, …), …]`, or one call a line. */
export interface PythonBody {
  kind: "python";
  /** Written between brackets. `optional`: with or without. */
  list: "always" | "never" | "optional";
}

/** `call:name{key:value}` with quotes of its own. */
export interface GemmaBody {
  kind: "gemma";
  /** Text before the name. */
  lead: string;
  /** Quotes around strings, beside JSON's. */
  quote: string;
}

import type { TaggedBody } from "../dialects/bodies.ts";
import type { Dialect } from "../dialects/types.ts";
import { json, type Notation, python, quotedBy } from "./notation.ts";

/** How the arguments stand in a call. */
export type ArgumentShape =
  /** One object in a notation. */
  | { kind: "object"; notation: Notation }
  /** `key=value, key=value` in a notation. */
  | { kind: "keywords"; notation: Notation }
  /** Each parameter dressed alike; texts raw, all else JSON. `close` ends a raw text. */
  | { kind: "parameters"; dress: Dress; close: string; trimmed: boolean };

/** What stands before a key, between it and its value, and after the value; attributes may depend on the value's type. */
export interface Dress {
  before: string;
  between: string;
  after: string;
}

/** How a dialect writes calls, read off the sample in its descriptor. */
export interface CallShape {
  /** From the start of the answer up to the first call. */
  before: string;
  /** One call around its name and arguments: literal parts, with holes where those stand. */
  unit: (string | { hole: "name" | "arguments" })[];
  /** Between two calls; undefined where the dialect holds one call an answer. */
  between: string | undefined;
  after: string;
  arguments: ArgumentShape;
}

const NAME = "get_weather";
const OBJECT = '{"city": "Oslo"}';

/** The shape of a dialect's calls; undefined where its sample is written in a way that no rule here knows. */
export function shapeOf(dialect: Dialect): CallShape | undefined {
  const { sample } = dialect;
  const section = (dialect.sections ?? []).find(({ open }) => open.some((mark) => sample.startsWith(mark)));
  let before = section?.open.find((mark) => sample.startsWith(mark)) ?? "";
  const closing = section?.close.find((mark) => sample.endsWith(mark)) ?? "";
  let inner = sample.slice(before.length, sample.length - closing.length);
  let after = closing;
  let between: string | undefined;
  const list = new RegExp(
    `^([\\s\\S]*?\\[)(\\s*)(\\{[\\s\\S]*\\}|${NAME}\\([\\s\\S]*\\))(\\s*\\][^\\]]*)$`,
  ).exec(inner);
  if (list !== null) {
    const [, open = "", space = "", call = "", end = ""] = list;
    before += open + space;
    inner = call;
    after = end + after;
    between = space === "" ? ", " : `,${space}`;
  } else if (section !== undefined) {
    const lead = /^\s*/.exec(inner)?.[0] ?? "";
    const tail = /\s*$/.exec(inner)?.[0] ?? "";
    before += lead;
    after = tail + after;
    inner = inner.trim();
    between = lead;
  } else between = betweenOf(dialect);
  const shape = holes(dialect, inner);
  return shape === undefined ? undefined : { before, after, between, ...shape };
}

function betweenOf(dialect: Dialect): string | undefined {
  if (dialect.headers !== undefined) return undefined;
  const first = dialect.calls[0];
  const body = first?.body[0];
  if (body?.kind === "json" && body.single !== true && body.separators?.includes(";")) return "; ";
  if (body?.kind === "json" && (first?.close.length ?? 0) === 0) return undefined;
  return dialect.sample.includes("\n") ? "\n" : "";
}

function holes(dialect: Dialect, inner: string): Pick<CallShape, "unit" | "arguments"> | undefined {
  const at = inner.indexOf(OBJECT);
  if (at >= 0)
    return { unit: split(inner, at, OBJECT.length), arguments: { kind: "object", notation: json } };
  const keywords = inner.indexOf('city="Oslo"');
  if (keywords >= 0 && inner.includes(`${NAME}(`))
    return { unit: split(inner, keywords, 11), arguments: { kind: "keywords", notation: python } };
  const bare = /\{city:(.+?)Oslo\1\}/.exec(inner);
  if (bare !== null)
    return {
      unit: split(inner, bare.index, bare[0].length),
      arguments: { kind: "object", notation: quotedBy(bare[1] ?? "") },
    };
  const body = [
    ...dialect.calls.flatMap((call) => call.body),
    ...(dialect.headerBody ? [dialect.headerBody] : []),
  ];
  const tagged = body.find((one): one is TaggedBody => one.kind === "tagged");
  const open = tagged?.param.open.find((mark) => inner.includes(mark));
  if (tagged === undefined || open === undefined) return undefined;
  const from = inner.indexOf(open);
  const key = inner.indexOf("city", from);
  const value = inner.indexOf("Oslo", key);
  const close = tagged.param.close.find((mark) => inner.includes(mark, value));
  if (key < 0 || value < 0 || close === undefined) return undefined;
  const end = inner.indexOf(close, value) + close.length;
  const space = /^\s*/.exec(inner.slice(end))?.[0].length ?? 0;
  const dress: Dress = {
    before: inner.slice(from, key),
    between: inner.slice(key + 4, value),
    after: inner.slice(value + 4, end + space),
  };
  const trimmed = tagged.trim === "all";
  return {
    unit: split(inner, from, end + space - from),
    arguments: { kind: "parameters", dress, close, trimmed },
  };
}

/** The text around the arguments, with a hole wherever the tool's name stands. */
function split(text: string, at: number, length: number): CallShape["unit"] {
  const named = (part: string): CallShape["unit"] =>
    part.split(NAME).flatMap((piece, i) => (i === 0 ? [piece] : [{ hole: "name" as const }, piece]));
  return [
    ...named(text.slice(0, at)),
    { hole: "arguments" as const },
    ...named(text.slice(at + length)),
  ].filter((part) => part !== "");
}

import type { JsonSchema } from "../../protocol/index.ts";
import { corrected, withDigits } from "./spoken.ts";

/** Which lines or how many entries a request asks for; what it does not say is absent. */
export interface Extent {
  first?: number;
  last?: number;
  most?: number;
}

const RANGES = [
  /\b(?:lines?|rows?|L)\s*(?:since\s+|from\s+|between\s+)?(\d+)\s*(?:to|till|until|through|thru|up to|and|-|–|—|\.\.)\s*(?:lines?\s*|L)?(\d+)\b/i,
  /\bfrom\s+(?:the\s+)?(?:lines?\s+|rows?\s+)?(\d+)\s+(?:to|till|until|through|up to)\s+(?:lines?\s+)?(\d+)\b/i,
  /\b(\d+)\s*(?:to|-|–)\s*(\d+)\s+(?:lines|rows)\b/i,
];
const FIRST = [
  /\b(?:from|start(?:ing|s)?(?:\s+(?:at|from|with|on|in))?|begin(?:ning|s)?(?:\s+(?:at|from|with))?|at|skip to|jump to|onwards? from)\s+(?:the\s+)?(?:line|row)(?:\s+(?:number|no\.?|nr\.?))?\s*(\d+)\b/i,
  /\b(?:line|row)\s*(\d+)\s+(?:on|onwards?|and (?:on|after|following|below)|to the end|downwards?)\b/i,
  /\b(?:starting|beginning)\s+(?:at|from|with)\s+(\d+)\b/i,
];
const ONE_LINE =
  /\b(?:only|just|exactly)\s+(?:the\s+)?(?:line|row)\s*(\d+)\b(?!\s*(?:-|–|to\b|until\b|on\b|onwards?\b))/i;
const NOUNS =
  "lines?|rows?|entries|results?|matches|hits|files?|items?|names?|folders?|things|elements|records";
const HOW_MANY = new RegExp(`\\bhow many (?:${NOUNS})\\b|\\bat most\\b`, "i");
const MOST = [
  /\b(?:first|top|head(?:\s+-n)?|leading|initial|at most|max(?:imum)?(?:\s+of)?|up to|no more than|not more than|limit(?:ed)?(?:\s+(?:it\s+)?(?:to|of|is))?|-n)\s*=?\s*(\d+)\b/i,
  /\b(\d+)\s+(?:at most|max(?:imum)?|tops)\b/i,
  new RegExp(`\\b(\\d+)\\s+(?:first\\s+|top\\s+)?(?:${NOUNS})\\b`, "i"),
];

const found = (patterns: readonly RegExp[], text: string): RegExpExecArray | undefined =>
  patterns.map((pattern) => pattern.exec(text)).find((one) => one !== null) ?? undefined;

/** What a request says of lines and of how many: "lines 10 to 25" is from 10 on, 16 of them. */
export function extentOf(request: string): Extent {
  const text = withDigits(corrected(request));
  const single =
    ONE_LINE.exec(text) ?? /(?<!\b(?:from|at|after|with|to) )\b(?:line|row)\s+(\d+)\s+of\b/i.exec(text);
  if (single !== null) return { first: Number(single[1]), last: Number(single[1]), most: 1 };
  const range = found(RANGES, text);
  const [from, to] = [Number(range?.[1]), Number(range?.[2])];
  if (range !== undefined && to >= from) return { first: from, last: to, most: to - from + 1 };
  const out: Extent = {};
  const first = found(FIRST, text);
  const most = found(MOST, text);
  if (first !== undefined) out.first = Number(first[1]);
  if (most !== undefined) out.most = Number(most[1]);
  return out;
}

/** Which part of an extent a numeric parameter is, as far as its name and description tell. */
export function extentRole(name: string, schema: JsonSchema): keyof Extent | undefined {
  const described = typeof schema["description"] === "string" ? schema["description"] : "";
  if (/^(end|to|last|stop)_?line$/i.test(name) || /\blast (line|row)\b/i.test(described)) return "last";
  if (
    /^(offset|start|begin|(start|from|first)_?line)$/i.test(name) ||
    /\bfirst (line|row)\b/i.test(described)
  )
    return "first";
  if (/^(limit|max|count|max_?\w+|num_?\w+|n|top_?\w*|head)$/i.test(name)) return "most";
  return HOW_MANY.test(described) ? "most" : undefined;
}

import type { JsonSchema } from "../../protocol/index.ts";
import { FUNCTION_WORDS, type Word } from "./spans.ts";

/** A look that values of a parameter have, by which they are told from all else that a request says. */
interface Shape {
  /** Whether a parameter takes such, by its name and description. */
  takes(name: string, described: string): boolean;
  /** Whether a text of the request has it. */
  fits(text: string): boolean;
}

/** Days as people say them. */
const DAYS =
  /\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|today|tomorrow|tonight|yesterday|morning|afternoon|evening|night|weekend|christmas|easter|(?:next|this|last|in a) (?:week|month|year)|january|february|march|april|may|june|july|august|september|october|november|december|spring|summer|autumn|winter|now|soon|later|\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}(?:[./]\d*)?|\d{1,2}(?:st|nd|rd|th)|days?|weeks?)\b/i;
/** Times of a day. */
const TIMES =
  /\d|\b(?:noon|midnight|midday|morning|afternoon|evening|night|o'clock|half past|quarter|lunch|dinner|breakfast|now|soon|later|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b/i;

const DAY_NAME = /(?:^|_)(?:day|date|weekday)$|(?:Day|Date)$/;

/** In this order; the first that a parameter takes and the request says is what it may be. */
const SHAPES: readonly Shape[] = [
  {
    takes: (name, described) =>
      /\bcurrency\b/i.test(`${name.replaceAll("_", " ")} ${described}`) || /_?currency$/i.test(name),
    fits: (text) => /^[A-Z]{3}$/.test(text),
  },
  {
    takes: (name, described) => /e-?mail/i.test(name) || /\be-?mail address|^e-?mails?$/i.test(described),
    fits: (text) => /^[^\s@]+@[^\s@]+\.\w+$/.test(text),
  },
  {
    takes: (name, described) => /(?:^|_)(?:url|link|website)$/i.test(name) || /\burl\b/i.test(described),
    fits: (text) => /^(?:https?:\/\/\S+|\S+\.\S+\/\S*)$/.test(text),
  },
  {
    takes: (name) => /(?:^|_)time$|Time$/i.test(name),
    fits: (text) => /^(?:\d{1,2}:\d{2}(?: ?[ap]m)?|\d{1,2} ?[ap]m|noon|midnight)$/i.test(text),
  },
  {
    takes: (name, described) => /(?:^|_)date$|Date$/i.test(name) && /yyyy|iso/i.test(described),
    fits: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text),
  },
  {
    takes: (name) => DAY_NAME.test(name),
    fits: (text) => DAYS.test(text) && text.split(/\s+/).length <= 4,
  },
  {
    takes: (name, described) =>
      /(?:^|_)(?:id|code|sku|plate|serial|ref|number)$|(?:Id|Code|Number)$/.test(name) ||
      /\b(?:id|code|sku|number)\b(?! of (?:people|nights|guests))/i.test(described.slice(0, 40)),
    fits: (text) => /^(?=.*\d)[#\p{L}\d._/-]+$/u.test(text),
  },
];

/** Of the first `most` looks: the texts that look as this parameter's values do; `undefined` where its values have no look, or none of them has it. */
export function shaped(
  name: string,
  schema: JsonSchema,
  texts: readonly string[],
  most = SHAPES.length,
): string[] | undefined {
  const described = typeof schema["description"] === "string" ? schema["description"] : "";
  for (const shape of SHAPES.slice(0, most)) {
    if (!shape.takes(name, described)) continue;
    const found = texts.filter((text) => shape.fits(text));
    if (found.length > 0) return found;
  }
  return undefined;
}

/** Whether a request can hold what a parameter of this name takes: a day, a time of day, an address. */
export function mayHold(name: string, request: string): boolean {
  if (DAY_NAME.test(name)) return DAYS.test(request) || /\d/.test(request);
  if (/(?:^|_)time$|Time$/.test(name)) return TIMES.test(request);
  return !/(?:^|_)e?mail$/.test(name) || request.includes("@");
}

/** What a parameter that holds free words is introduced by; in a pinch, what stands behind a colon. */
const INTRODUCED: readonly (readonly [names: RegExp, cue: string])[] = [
  [
    /^(?:title|name|label|summary|headline)$/i,
    "titled|entitled|called|named|with the name|with the title|title|name:",
  ],
  [/^subject$/i, "subject(?: line)?|about"],
  [
    /^(?:text|message|body|content|note|notes|comment|remark)$/i,
    "saying|that says|which says|says?|say|reading|(?:text|message|note|comment):",
  ],
];
const FREE_TEXT = /^(?:title|summary|text|message|body|note|comment)$/i;
/** Where such words end, and may end. */
const BREAK = /[.,;:!?](?=\s|$)|\s[-–—]\s/u;
const MAY_END =
  /\s+(?:and|with|for|at|in|can|is|was|has|should|needs?|may|will|must|does|would|please|pls)(?:\s|$)/giu;

/** Texts that the request introduces as this parameter ("titled …", "subject …", "saying …"), up to where they end. */
export function introduced(name: string, request: string): string[] {
  const cue = INTRODUCED.find(([names]) => names.test(name))?.[1];
  if (cue === undefined) return [];
  const found = new RegExp(`\\b(?:${cue})(?:\\s+(?:is|it))?:?\\s+`, "iu").exec(request);
  const colon = FREE_TEXT.test(name) ? /^[^:]{3,60}:\s+(?=\S+\s+\S+)/u.exec(request) : null;
  const start = found ?? colon;
  if (start === null) return [];
  const behind = request.slice(start.index + start[0].length);
  if (/^["'`“„«‘]/u.test(behind)) return [];
  const whole = behind.slice(0, BREAK.exec(behind)?.index ?? behind.length).trim();
  const ends = [...whole.matchAll(MAY_END)].map(({ index }) => whole.slice(0, index));
  return [...ends, whole].filter((text) => text !== "");
}

/** Words without what hangs on them: "Amira's" is Amira. */
export const bareOf = (all: readonly Word[]): string[] =>
  all.flatMap(({ text }) => /^(\p{Lu}[\p{L}-]+)['’]s?$/u.exec(text)?.[1] ?? []);

/** How units are said, beside their names. */
const UNITS: readonly (readonly string[])[] = [
  "minute minutes min mins".split(" "),
  "second seconds sec secs s".split(" "),
  "hour hours hrs h".split(" "),
  "kilogram kilograms kg kilo kilos".split(" "),
  "kilometre kilometres kilometer kilometers km kms".split(" "),
  "metre metres meter meters m".split(" "),
  "liter liters litre litres l".split(" "),
  "celsius degree degrees c".split(" "),
  "percent %".split(" "),
  "gram grams g".split(" "),
  "day days".split(" "),
  "person people guests persons".split(" "),
];

/** Whether a number with this word beside it is meant for this parameter, by its name ("8 km" for `distance_km`) or else its description. */
export function countsIn(unit: string, name: string, schema: JsonSchema): "name" | "description" | undefined {
  const lower = unit.toLowerCase();
  const said = UNITS.find((one) => one.includes(lower)) ?? [lower, lower.replace(/s$/, ""), `${lower}s`];
  const described = typeof schema["description"] === "string" ? schema["description"] : "";
  const says = (text: string): boolean => {
    const words = new Set(text.toLowerCase().match(/[\p{L}%]+/gu) ?? []);
    return said.some((one) => one.length > 1 && words.has(one));
  };
  if (says(name.replace(/([a-z])([A-Z])/g, "$1 $2").replaceAll("_", " "))) return "name";
  return says(described) ? "description" : undefined;
}

/** Parameters that people say by name, before or behind its value: "in the shop namespace", "branch main". */
const BY_LABEL =
  /^(?:namespace|repo|repository|branch|channel|project|table|queue|cluster|region|environment|label|tag|zone|bucket|department|team)$/i;

/** The words beside the parameter's own name, where the request says that. */
export function labelled(name: string, all: readonly Word[]): string[] {
  if (!BY_LABEL.test(name)) return [];
  const at = all.findIndex(({ text }) => text.toLowerCase() === name.toLowerCase());
  if (at < 0) return [];
  const beside = [all[at - 1]?.text ?? "", all[at + 1]?.text ?? ""];
  return beside.filter((text) => text !== "" && !FUNCTION_WORDS.has(text.toLowerCase()));
}

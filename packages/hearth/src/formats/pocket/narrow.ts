import { isObject, type JsonSchema } from "../../protocol/index.ts";
import { propertiesOf } from "./roles.ts";
import { shaped } from "./shapes.ts";
import { numbersIn, words } from "./spans.ts";

/** Whether a request says this value: as a word or words, in the plural, a weekday by its first letters. */
export function says(request: string, value: string): boolean {
  const own = value.toLowerCase().replace(/[_-]/g, " ");
  if (/\W/.test(own)) return request.toLowerCase().includes(own);
  return words(request.toLowerCase()).some(
    ({ text }) =>
      text === own ||
      `${text}ing` === own ||
      text === `${own}s` ||
      (own.length === 3 && text.startsWith(own) && /^\w{3,6}days?$/.test(text)),
  );
}

/** The parameters with their choices cut down to those that the request says; a switch that it turns off is off. */
export function narrowed(parameters: JsonSchema, request: string): JsonSchema {
  const properties = propertiesOf(parameters).map(([name, schema]) => [name, narrow(name, schema, request)]);
  return { ...parameters, properties: Object.fromEntries(properties) };
}

function narrow(name: string, schema: JsonSchema, request: string): JsonSchema {
  if (isObject(schema["items"])) return narrowList(name, schema, schema["items"], request);
  if (schema["type"] === "boolean") {
    if (SWITCH.test(name)) return TURNS_OFF.test(request) ? { ...schema, enum: [false] } : schema;
    const flag = flagSaid(name, request);
    return flag === undefined ? schema : { ...schema, enum: [flag] };
  }
  if (!Array.isArray(schema["enum"])) return schema;
  const said = schema["enum"].filter((value) => typeof value === "string" && says(request, value));
  return said.length === 0 ? schema : { ...schema, enum: said };
}

const SWITCH = /^(?:is_?|turn_?)?(?:on|enabled?|active|power(?:ed)?)$/i;
const TURNS_OFF = /\b(?:off|disabled?|disables|deactivat\w+)\b/i;

/** What a request says of a flag by all words of its name ("express", "gluten free"); with a "no" before the first, that it is not. */
function flagSaid(name: string, request: string): boolean | undefined {
  const own = name
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[_ ]/)
    .filter((word) => !/^(?:is|has|with|only|include|use|be)$/.test(word));
  const said = words(request.toLowerCase()).map(({ text }) => text);
  const at = own.map((word) => said.indexOf(word));
  if (own.length === 0 || at.some((index) => index < 0)) return undefined;
  return !said
    .slice(Math.max(0, Math.min(...at) - 2), Math.min(...at))
    .some((word) => /^(?:no|not|without|don't|dont)$/.test(word));
}

/** Items of a list that is not bounded otherwise. */
const MOST_ITEMS = 8;

/** A list of choices, numbers or addresses holds those that are said, in their order; any other is bounded. */
function narrowList(name: string, schema: JsonSchema, items: JsonSchema, request: string): JsonSchema {
  const bounded = { ...schema, maxItems: schema["maxItems"] ?? MOST_ITEMS };
  if (schema["minItems"] !== undefined && schema["minItems"] !== 1) return bounded;
  const described = "description" in items ? items : { ...items, description: schema["description"] ?? "" };
  const said = saidItems(name, described, request).slice(0, MOST_ITEMS);
  if (said.length === 0) return bounded;
  return {
    ...schema,
    prefixItems: said.map((value) => ({ enum: [value] })),
    items: false,
    minItems: said.length,
  };
}

function saidItems(name: string, items: JsonSchema, request: string): (string | number)[] {
  if (Array.isArray(items["enum"])) {
    const said = items["enum"].filter((value) => typeof value === "string" && says(request, value));
    return said.map(String);
  }
  if (items["type"] === "integer" || items["type"] === "number") return numbersIn(request);
  if (items["type"] !== "string") return [];
  return (
    shaped(
      name,
      items,
      words(request).map(({ text }) => text),
      LISTED,
    ) ?? []
  );
}

/** Looks that no other text of a request has, so that a list of them is all of them. */
const LISTED = 3;

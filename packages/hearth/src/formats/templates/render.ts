import { TemplateError } from "./errors.ts";
import { globalNamed } from "./globals.ts";
import { DEFAULT_LIMITS, openAccount, type TemplateLimits } from "./limits.ts";
import { type Compiled, compileTemplate } from "./run/template.ts";
import { toValue } from "./values/convert.ts";
import { Dict, type Value } from "./values/types.ts";

export interface TemplateOptions {
  /** What `strftime_now` shows: an ISO 8601 time as it stands, or a moment in the local zone. Default: now. */
  clock?: string | Date;
  limits?: Partial<TemplateLimits>;
  /**
   * Lets pass what Python's sandbox refuses and some templates need: lists that grow (`append`), JSON of a generator.
   * Default false, which is what Transformers does.
   */
  lenient?: boolean;
}

/** What a template sees. `Dict` values (from `readJson`) keep what plain objects lose. */
export type TemplateVariables = Readonly<Record<string, unknown>> | Dict;

const CACHE_SIZE = 64;
const cache = new Map<string, Compiled | TemplateError>();

/** The compiled template, kept for the most recently used texts. A text that does not compile is remembered too. */
function compiled(text: string): Compiled {
  let found = cache.get(text);
  cache.delete(text);
  if (found === undefined) {
    try {
      found = compileTemplate(text);
    } catch (error) {
      found = asTemplateError(error);
    }
  }
  cache.set(text, found);
  if (cache.size > CACHE_SIZE) cache.delete(cache.keys().next().value!);
  if (found instanceof TemplateError) throw found;
  return found;
}

function asTemplateError(error: unknown): TemplateError {
  if (error instanceof TemplateError) return error;
  // The one thing the engine itself refuses: a stack or a string without end.
  if (error instanceof RangeError)
    return new TemplateError("limit", "the template or its variables are nested too deep");
  throw error;
}

/**
 * Renders a chat template as Python's Jinja2 3.1 does in the environment of Transformers: immutable sandbox, `trim_blocks`,
 * `lstrip_blocks`, loop controls, `generation`, `tojson` without ASCII escapes, `raise_exception`, `strftime_now`.
 * Raises `TemplateError` where Python raises, and where the limits end.
 */
export function renderTemplate(
  text: string,
  variables: TemplateVariables,
  options: TemplateOptions = {},
): string {
  openAccount({ ...DEFAULT_LIMITS, ...options.limits }, options.lenient);
  try {
    const run = compiled(text);
    const given = variables instanceof Dict ? variables : toValue(variables);
    const clock = (): string | Date => options.clock ?? new Date();
    const resolve = (name: string): Value | undefined => {
      const own = given instanceof Dict ? given.get(name) : undefined;
      return own === undefined ? globalNamed(name, clock) : own;
    };
    return run(resolve);
  } catch (error) {
    throw asTemplateError(error);
  }
}

/** Why a template can't be compiled; undefined where it can. */
export function templateFault(text: string): TemplateError | undefined {
  openAccount(DEFAULT_LIMITS);
  try {
    compiled(text);
    return undefined;
  } catch (error) {
    return asTemplateError(error);
  }
}

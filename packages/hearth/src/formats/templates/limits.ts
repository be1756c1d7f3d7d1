import { TemplateError } from "./errors.ts";

/**
 * What one rendering may use. A template comes out of a model file, so it may be hostile: each limit ends in a
 * `TemplateError` of kind `limit`. The largest honest rendering measured (109 templates, 300 messages) needs under 1 % of these.
 */
export interface TemplateLimits {
  /** Statements, loop rounds, calls and items handled by filters. Default 10,000,000. */
  maxSteps: number;
  /** UTF-16 units of any one string, the rendered text too. Default 33,554,432. */
  maxChars: number;
  /** Calls of macros and recursive loops within each other. Default 200. */
  maxDepth: number;
}

export const DEFAULT_LIMITS: TemplateLimits = { maxSteps: 10_000_000, maxChars: 2 ** 25, maxDepth: 200 };

const limit = (message: string): TemplateError => new TemplateError("limit", message);

/** Rendering is synchronous and never nested, so one account at a time is enough. */
let limits: TemplateLimits = DEFAULT_LIMITS;
let stepsLeft = DEFAULT_LIMITS.maxSteps;
let depth = 0;
let lenient = false;

export function openAccount(given: TemplateLimits, leniently = false): void {
  limits = given;
  lenient = leniently;
  stepsLeft = given.maxSteps;
  depth = 0;
}

export function spend(steps: number): void {
  stepsLeft -= steps;
  if (stepsLeft < 0) throw limit(`the template takes more than ${limits.maxSteps} steps`);
}

/** Before a string of this length is made. */
export function checkChars(chars: number): void {
  if (chars > limits.maxChars)
    throw limit(`the template makes a text of more than ${limits.maxChars} characters`);
}

/** Before a list of this length is made. */
export function checkItems(items: number): void {
  if (items > 4_000_000) throw limit("the template makes a list of more than 4000000 items");
  spend(items);
}

export function enter(): void {
  if (++depth > limits.maxDepth) throw limit(`the template nests calls deeper than ${limits.maxDepth}`);
}

export function leave(): void {
  depth--;
}

/** Whether this rendering lets pass what Python's sandbox refuses though it harms nobody here. */
export const isLenient = (): boolean => lenient;

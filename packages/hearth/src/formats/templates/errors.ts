import { HearthError } from "../../protocol/index.ts";

/**
 * Which of Python's or Jinja2's errors this stands for. Some of them are caught on the way, as Jinja2 does:
 * subscripts swallow `type` and `lookup`, `|int` swallows `type` and `value`.
 */
export type TemplateErrorKind =
  | "syntax"
  | "runtime"
  | "undefined"
  | "security"
  | "raised"
  | "type"
  | "value"
  | "lookup"
  | "attribute"
  | "overflow"
  | "arithmetic"
  | "assertion"
  | "limit";

/** A chat template can't be compiled or rendered. `raised`: the template itself refused the conversation. */
export class TemplateError extends HearthError {
  readonly kind: TemplateErrorKind;
  /** Line of the template, from 1, where known. */
  line?: number;

  constructor(kind: TemplateErrorKind, message: string, line?: number) {
    super(message);
    this.kind = kind;
    if (line !== undefined) this.line = line;
  }
}

export const typeError = (message: string): TemplateError => new TemplateError("type", message);
export const valueError = (message: string): TemplateError => new TemplateError("value", message);
export const lookupError = (message: string): TemplateError => new TemplateError("lookup", message);
export const runtimeError = (message: string): TemplateError => new TemplateError("runtime", message);

import { TemplateError } from "../errors.ts";
import { type Token, tokenize } from "./tokens.ts";

/** The tokens of a template with one token of look-ahead. */
export class TokenStream {
  readonly #tokens: Token[];
  #at = 0;

  constructor(template: string) {
    this.#tokens = tokenize(template);
  }

  get current(): Token {
    return this.#tokens[this.#at]!;
  }
  get following(): Token {
    return this.#tokens[Math.min(this.#at + 1, this.#tokens.length - 1)]!;
  }
  next(): Token {
    const token = this.current;
    if (this.#at < this.#tokens.length - 1) this.#at++;
    return token;
  }
  isName(...names: string[]): boolean {
    return this.current.type === "name" && names.includes(this.current.text);
  }
  isOperator(...operators: string[]): boolean {
    return this.current.type === "operator" && operators.includes(this.current.text);
  }
  skipName(name: string): boolean {
    if (!this.isName(name)) return false;
    this.next();
    return true;
  }
  skipOperator(operator: string): boolean {
    if (!this.isOperator(operator)) return false;
    this.next();
    return true;
  }
  expect(type: Token["type"], text?: string): Token {
    const token = this.current;
    if (token.type === type && (text === undefined || token.text === text)) return this.next();
    const got = token.type === "eof" ? "end of template" : `'${token.text || token.type.replace("_", " ")}'`;
    throw this.error(`expected '${text ?? type.replace("_", " ")}', got ${got}`);
  }
  error(message: string, line = this.current.line): TemplateError {
    return new TemplateError("syntax", `${message} (line ${line})`, line);
  }
}

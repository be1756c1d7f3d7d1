import type { Command, GoTemplate, Node, Operand, Pipeline } from "./ast.ts";
import { bounded, GoTemplateError } from "./errors.ts";
import { lex, type Piece, type Token } from "./lexer.ts";

/** Reads a Go template. Raises `GoTemplateError` where Go's parser does. */
export function parseGoTemplate(template: string): GoTemplate {
  return bounded(() => new Parser(lex(template)).whole());
}

class Parser {
  readonly #pieces: Piece[];
  readonly #named = new Map<string, Node[]>();
  #at = 0;

  constructor(pieces: Piece[]) {
    this.#pieces = pieces;
  }

  whole(): GoTemplate {
    const root = this.#list();
    if (root.end !== "") throw new GoTemplateError(`unexpected {{${root.end}}}`);
    return { root: root.nodes, named: this.#named };
  }

  /** Nodes up to `end` or `else`, which stays for the caller with the rest of its action. */
  #list(): { nodes: Node[]; end: "" | "end" | "else"; rest: Token[] } {
    const nodes: Node[] = [];
    while (this.#at < this.#pieces.length) {
      const piece = this.#pieces[this.#at++]!;
      if ("text" in piece) {
        nodes.push({ kind: "text", text: piece.text });
        continue;
      }
      const tokens = piece.action;
      const first = tokens.find((token) => token.type !== "space");
      const word = first?.type === "name" ? first.text : "";
      const rest = tokens.slice(tokens.indexOf(first!) + 1);
      if (word === "end" || word === "else") return { nodes, end: word, rest };
      nodes.push(...this.#action(word, rest, tokens));
    }
    return { nodes, end: "", rest: [] };
  }

  #action(word: string, rest: Token[], tokens: Token[]): Node[] {
    switch (word) {
      case "if":
      case "with":
      case "range":
        return [this.#branch(word, rest)];
      case "define":
        this.#define(rest);
        return [];
      case "block": {
        const [name, pipeline] = this.#nameAndPipeline(rest);
        this.#named.set(name, this.#body());
        return [{ kind: "template", name, pipeline }];
      }
      case "template": {
        const [name, pipeline] = this.#nameAndPipeline(rest);
        return [{ kind: "template", name, pipeline }];
      }
      case "break":
      case "continue":
        return [{ kind: word }];
      default:
        return [{ kind: "action", pipeline: new PipelineParser(tokens).pipeline() }];
    }
  }

  #branch(kind: "if" | "with" | "range", tokens: Token[]): Node {
    const pipeline = new PipelineParser(tokens).pipeline();
    const body = this.#list();
    if (body.end === "") throw new GoTemplateError(`{{${kind}}} without {{end}}`);
    if (body.end === "end") return { kind, pipeline, body: body.nodes, otherwise: [] };
    const next = body.rest.find((token) => token.type !== "space");
    if (next?.type === "name" && (next.text === "if" || next.text === "with")) {
      const inner = this.#branch(next.text, body.rest.slice(body.rest.indexOf(next) + 1));
      return { kind, pipeline, body: body.nodes, otherwise: [inner] };
    }
    return { kind, pipeline, body: body.nodes, otherwise: this.#body() };
  }

  #body(): Node[] {
    const body = this.#list();
    if (body.end !== "end") throw new GoTemplateError("expected {{end}}");
    return body.nodes;
  }

  #define(tokens: Token[]): void {
    const [name] = this.#nameAndPipeline(tokens);
    this.#named.set(name, this.#body());
  }

  #nameAndPipeline(tokens: Token[]): [string, Pipeline | undefined] {
    const at = tokens.findIndex((token) => token.type === "string");
    if (at < 0) throw new GoTemplateError("expected the name of a template");
    const rest = tokens.slice(at + 1).filter((token) => token.type !== "space");
    return [
      unquote(tokens[at]!.text),
      rest.length === 0 ? undefined : new PipelineParser(tokens.slice(at + 1)).pipeline(),
    ];
  }
}

class PipelineParser {
  readonly #tokens: Token[];
  #at = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  pipeline(): Pipeline {
    const pipeline = this.#pipeline(false);
    if (this.#at < this.#tokens.length)
      throw new GoTemplateError(`unexpected ${this.#tokens[this.#at]!.text}`);
    return pipeline;
  }

  #space(): void {
    while (this.#tokens[this.#at]?.type === "space") this.#at++;
  }

  #is(text: string): boolean {
    const token = this.#tokens[this.#at];
    return token?.type === "operator" && token.text === text;
  }

  #pipeline(inParens: boolean): Pipeline {
    const { variables, declares } = this.#declaration();
    const commands: Command[] = [];
    for (;;) {
      const command = this.#command();
      if (command.length === 0) throw new GoTemplateError("missing value for command");
      commands.push(command);
      if (!this.#is("|")) break;
      this.#at++;
    }
    if (inParens && !this.#is(")")) throw new GoTemplateError("unclosed left paren");
    return { variables, declares, commands };
  }

  #declaration(): { variables: string[]; declares: boolean } {
    const start = this.#at;
    const variables: string[] = [];
    for (;;) {
      this.#space();
      const token = this.#tokens[this.#at];
      if (token?.type !== "variable") break;
      variables.push(token.text);
      this.#at++;
      this.#space();
      if (this.#is(":=") || this.#is("=")) {
        const declares = this.#is(":=");
        this.#at++;
        return { variables, declares };
      }
      if (!this.#is(",")) break;
      this.#at++;
    }
    this.#at = start;
    return { variables: [], declares: false };
  }

  #command(): Command {
    const command: Command = [];
    for (;;) {
      this.#space();
      if (this.#at >= this.#tokens.length || this.#is("|") || this.#is(")")) return command;
      command.push(this.#operand());
    }
  }

  #operand(): Operand {
    const token = this.#tokens[this.#at++]!;
    switch (token.type) {
      case "string":
        return { kind: "constant", value: unquote(token.text) };
      case "char":
        return { kind: "constant", value: unquote(`"${token.text.slice(1, -1)}"`).codePointAt(0) ?? 0 };
      case "number":
        return { kind: "constant", value: Number(token.text.replaceAll("_", "")) };
      case "field":
        return { kind: "dot", fields: [token.text.slice(1), ...this.#fields()] };
      case "variable":
        return { kind: "variable", name: token.text, fields: this.#fields() };
      case "name":
        if (token.text === "true" || token.text === "false")
          return { kind: "constant", value: token.text === "true" };
        return token.text === "nil"
          ? { kind: "constant", value: null }
          : { kind: "function", name: token.text };
      default:
        if (token.text === ".") return { kind: "dot", fields: [] };
        if (token.text !== "(") throw new GoTemplateError(`unexpected ${token.text}`);
        return this.#parenthesised();
    }
  }

  #parenthesised(): Operand {
    const pipeline = this.#pipeline(true);
    this.#at++;
    return { kind: "pipeline", pipeline, fields: this.#fields() };
  }

  #fields(): string[] {
    const fields: string[] = [];
    for (let token = this.#tokens[this.#at]; token?.type === "field"; token = this.#tokens[++this.#at])
      fields.push(token.text.slice(1));
    return fields;
  }
}

function unquote(text: string): string {
  if (text.startsWith("`")) return text.slice(1, -1);
  const body = text.slice(1, -1);
  return body.replace(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|(.))/g,
    (_all, x, u, long, octal, plain) => {
      const code: string | undefined = x ?? u ?? long;
      if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
      return ESCAPES[plain] ?? plain;
    },
  );
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
};

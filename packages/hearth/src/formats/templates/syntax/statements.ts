import { call } from "../values/access.ts";
import { Native } from "../values/types.ts";
import type { Expression, Parameter, Statement, Target } from "./ast.ts";
import { ExpressionParser } from "./expressions.ts";
import { TokenStream } from "./stream.ts";

/** The text of a chat template as statements. Raises `TemplateError` of kind `syntax`. */
export function parseTemplate(template: string): Statement[] {
  const parser = new StatementParser(new TokenStream(template));
  return parser.until([]);
}

/** `{% generation %}` marks what the model wrote, for training; here it is a call of its own body, with a scope of its own. */
const GENERATION = new Native("generation", (_args, keywords) => call(keywords.get("caller") ?? null, []));

class StatementParser {
  readonly #stream: TokenStream;
  readonly #expressions: ExpressionParser;

  constructor(stream: TokenStream) {
    this.#stream = stream;
    this.#expressions = new ExpressionParser(stream);
  }

  /** Statements up to a tag of one of these names, which becomes the current token; none: to the end. */
  until(ends: readonly string[]): Statement[] {
    const stream = this.#stream;
    const body: Statement[] = [];
    for (;;) {
      const { type, text, line } = stream.current;
      if (type === "data") {
        stream.next();
        body.push({ type: "data", text, line });
      } else if (type === "variable_begin") {
        stream.next();
        body.push({ type: "output", value: this.#expressions.tuple(), line });
        stream.expect("variable_end");
      } else if (type === "block_begin") {
        stream.next();
        if (stream.isName(...ends)) return body;
        body.push(...this.#statement());
        stream.expect("block_end");
      } else if (type === "eof" && ends.length === 0) return body;
      else throw stream.error(`unexpected end of template, expected '${ends.join("' or '")}'`);
    }
  }

  /** The body of a statement, its head being read. */
  #body(...ends: string[]): Statement[] {
    this.#stream.skipOperator(":");
    this.#stream.expect("block_end");
    return this.until(ends);
  }

  /** The same, with its end tag taken away. */
  #whole(end: string): Statement[] {
    const body = this.#body(end);
    this.#stream.next();
    return body;
  }

  #statement(): Statement[] {
    const { text, line } = this.#stream.expect("name");
    switch (text) {
      case "for":
        return [this.#for(line)];
      case "if":
        return [this.#if(line)];
      case "set":
        return [this.#set(line)];
      case "with":
        return [this.#with(line)];
      case "macro":
        return [this.#macro(line)];
      case "call":
        return [this.#call(line)];
      case "filter": {
        const filter = this.#filterChain(this.#expressions.filter(undefined));
        return [{ type: "filter", filter, body: this.#whole("endfilter"), line }];
      }
      case "print":
        return this.#print(line);
      case "block":
        return [this.#block(line)];
      case "autoescape": {
        const on = this.#expressions.expression();
        return [{ type: "autoescape", on, body: this.#whole("endautoescape"), line }];
      }
      case "generation":
        return [this.#generation(line)];
      case "break":
      case "continue":
        return [{ type: text, line }];
      case "include":
      case "import":
      case "from":
      case "extends":
        return [this.#load(text, line)];
      default:
        throw this.#stream.error(`encountered unknown tag '${text}'`, line);
    }
  }

  #for(line: number): Statement {
    const stream = this.#stream;
    const target = this.#expressions.target({ end: "in" });
    stream.expect("name", "in");
    const items = this.#expressions.tuple({ condition: false, end: "recursive" });
    const test = stream.skipName("if") ? this.#expressions.expression() : undefined;
    const recursive = stream.skipName("recursive");
    const body = this.#body("endfor", "else");
    const otherwise = stream.next().text === "else" ? this.#whole("endfor") : [];
    return { type: "for", target, items, test, recursive, body, otherwise, line };
  }

  #if(line: number): Statement {
    const stream = this.#stream;
    const branches: { test: Expression; body: Statement[] }[] = [];
    for (;;) {
      const test = this.#expressions.tuple({ condition: false });
      branches.push({ test, body: this.#body("elif", "else", "endif") });
      const end = stream.next().text;
      if (end === "elif") continue;
      return { type: "if", branches, otherwise: end === "else" ? this.#whole("endif") : [], line };
    }
  }

  #set(line: number): Statement {
    const target = this.#expressions.target({ members: true });
    if (this.#stream.skipOperator("="))
      return { type: "set", target, value: this.#expressions.tuple(), line };
    const filter = this.#stream.skipOperator("|")
      ? this.#filterChain(this.#expressions.filter(undefined))
      : undefined;
    return { type: "set-block", target, filter, body: this.#whole("endset"), line };
  }

  #filterChain(first: Expression): Expression {
    let filter = first;
    while (this.#stream.skipOperator("|")) filter = this.#expressions.filter(filter);
    return filter;
  }

  #with(line: number): Statement {
    const stream = this.#stream;
    const targets: Target[] = [];
    const values: Expression[] = [];
    while (stream.current.type !== "block_end") {
      if (targets.length > 0) stream.expect("operator", ",");
      targets.push(this.#expressions.target());
      stream.expect("operator", "=");
      values.push(this.#expressions.expression());
    }
    return { type: "with", targets, values, body: this.#whole("endwith"), line };
  }

  #parameters(): Parameter[] {
    const stream = this.#stream;
    const parameters: Parameter[] = [];
    stream.expect("operator", "(");
    while (!stream.isOperator(")")) {
      if (parameters.length > 0) stream.expect("operator", ",");
      const name = this.#expressions.targetName();
      if (parameters.some((parameter) => parameter.name === name))
        throw stream.error(`duplicate argument '${name}'`);
      if (stream.skipOperator("=")) parameters.push({ name, default: this.#expressions.expression() });
      else if (parameters.some((parameter) => parameter.default !== undefined))
        throw stream.error("non-default argument follows default argument");
      else parameters.push({ name });
    }
    stream.expect("operator", ")");
    return parameters;
  }

  #macro(line: number): Statement {
    const name = this.#expressions.targetName();
    const parameters = this.#parameters();
    return { type: "macro", name, parameters, body: this.#whole("endmacro"), line };
  }

  #call(line: number): Statement {
    const parameters = this.#stream.isOperator("(") ? this.#parameters() : [];
    const called = this.#expressions.expression();
    if (called.type !== "call") throw this.#stream.error("expected call", line);
    return { type: "call", call: called, parameters, body: this.#whole("endcall"), line };
  }

  #generation(line: number): Statement {
    const body = this.#whole("endgeneration");
    const of: Expression = { type: "const", value: GENERATION, line };
    return {
      type: "call",
      call: { type: "call", of, args: { positional: [], keywords: [] }, line },
      parameters: [],
      body,
      line,
    };
  }

  #print(line: number): Statement[] {
    const out: Statement[] = [];
    while (this.#stream.current.type !== "block_end") {
      if (out.length > 0) this.#stream.expect("operator", ",");
      out.push({ type: "output", value: this.#expressions.expression(), line });
    }
    return out;
  }

  #block(line: number): Statement {
    const stream = this.#stream;
    const name = stream.expect("name").text;
    const scoped = stream.skipName("scoped");
    const required = stream.skipName("required");
    const body = this.#whole("endblock");
    stream.skipName(name);
    if (required && body.some((part) => part.type !== "data" || part.text.trim() !== ""))
      throw stream.error("Required blocks can only contain comments or whitespace", line);
    return { type: "block", name, scoped, required, body, line };
  }

  #load(tag: string, line: number): Statement {
    const stream = this.#stream;
    const from = this.#expressions.expression();
    const names: string[] = [];
    if (tag === "import") {
      stream.expect("name", "as");
      names.push(this.#expressions.targetName());
    } else if (tag === "from") {
      stream.expect("name", "import");
      do {
        const name = this.#expressions.targetName();
        if (name.startsWith("_")) throw stream.error("names starting with an underline can not be imported");
        names.push(stream.skipName("as") ? this.#expressions.targetName() : name);
      } while (stream.skipOperator(","));
    } else if (tag === "include" && stream.skipName("ignore")) stream.expect("name", "missing");
    if (stream.isName("with", "without")) {
      stream.next();
      stream.expect("name", "context");
    }
    return { type: "load", tag, from, names, line };
  }
}

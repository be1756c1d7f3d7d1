import type { Arguments, Comparison, Expression, Target } from "./ast.ts";
import type { TokenStream } from "./stream.ts";

const COMPARISONS: ReadonlySet<string> = new Set(["==", "!=", "<", "<=", ">", ">="]);
const LITERALS: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ["true", true],
  ["True", true],
  ["false", false],
  ["False", false],
  ["none", null],
  ["None", null],
]);

export interface TupleOptions {
  /** False where an `if` belongs to the statement around. */
  condition?: boolean;
  /** A name that ends the tuple (`in`, `recursive`). */
  end?: string;
  /** Inside parentheses, where nothing is the empty tuple. */
  parenthesised?: boolean;
}

/** Expressions in Jinja2's grammar: `~` binds tighter than `+`, a filter tighter than any operator, unary minus looser. */
export class ExpressionParser {
  readonly stream: TokenStream;

  constructor(stream: TokenStream) {
    this.stream = stream;
  }

  expression(condition = true): Expression {
    return condition ? this.#condition() : this.#or();
  }

  /** One expression, or a tuple where commas stand. */
  tuple(options: TupleOptions = {}): Expression {
    const { condition = true, end, parenthesised = false } = options;
    const { stream } = this;
    const items: Expression[] = [];
    const line = stream.current.line;
    let commas = false;
    for (;;) {
      if (items.length > 0) stream.expect("operator", ",");
      if (this.#tupleEnds(end)) break;
      items.push(this.expression(condition));
      if (!stream.isOperator(",")) break;
      commas = true;
    }
    if (!commas) {
      if (items[0] !== undefined) return items[0];
      if (!parenthesised) throw stream.error("expected an expression");
    }
    return { type: "tuple", items, line };
  }

  #tupleEnds(end: string | undefined): boolean {
    const { type } = this.stream.current;
    if (type === "variable_end" || type === "block_end" || this.stream.isOperator(")")) return true;
    return end !== undefined && this.stream.isName(end);
  }

  #condition(): Expression {
    let { line } = this.stream.current;
    let out = this.#or();
    while (this.stream.skipName("if")) {
      const test = this.#or();
      const otherwise = this.stream.skipName("else") ? this.#condition() : undefined;
      out = { type: "condition", test, then: out, otherwise, line };
      line = this.stream.current.line;
    }
    return out;
  }

  #or(): Expression {
    let left = this.#and();
    while (this.stream.skipName("or")) left = { type: "or", left, right: this.#and(), line: left.line };
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.stream.skipName("and")) left = { type: "and", left, right: this.#not(), line: left.line };
    return left;
  }

  #not(): Expression {
    const { line } = this.stream.current;
    return this.stream.skipName("not") ? { type: "not", of: this.#not(), line } : this.#compare();
  }

  #compare(): Expression {
    const first = this.#sum();
    const rest: [Comparison, Expression][] = [];
    for (;;) {
      const { type, text } = this.stream.current;
      if (type === "operator" && COMPARISONS.has(text)) {
        this.stream.next();
        rest.push([text as Comparison, this.#sum()]);
      } else if (this.stream.skipName("in")) rest.push(["in", this.#sum()]);
      else if (
        this.stream.isName("not") &&
        this.stream.following.type === "name" &&
        this.stream.following.text === "in"
      ) {
        this.stream.next();
        this.stream.next();
        rest.push(["not in", this.#sum()]);
      } else break;
    }
    return rest.length === 0 ? first : { type: "compare", first, rest, line: first.line };
  }

  #sum(): Expression {
    let left = this.#concat();
    while (this.stream.isOperator("+", "-")) {
      const operator = this.stream.next().text as "+" | "-";
      left = { type: "binary", operator, left, right: this.#concat(), line: left.line };
    }
    return left;
  }

  #concat(): Expression {
    const items = [this.#product()];
    while (this.stream.skipOperator("~")) items.push(this.#product());
    return items.length === 1 ? items[0]! : { type: "concat", items, line: items[0]!.line };
  }

  #product(): Expression {
    let left = this.#power();
    while (this.stream.isOperator("*", "/", "//", "%")) {
      const operator = this.stream.next().text as "*" | "/" | "//" | "%";
      left = { type: "binary", operator, left, right: this.#power(), line: left.line };
    }
    return left;
  }

  #power(): Expression {
    let left = this.unary();
    while (this.stream.skipOperator("**"))
      left = { type: "binary", operator: "**", left, right: this.unary(), line: left.line };
    return left;
  }

  unary(filters = true): Expression {
    const { line } = this.stream.current;
    let out: Expression;
    if (this.stream.skipOperator("-")) out = { type: "negate", of: this.unary(false), line };
    else if (this.stream.skipOperator("+")) out = { type: "plus", of: this.unary(false), line };
    else out = this.#primary();
    out = this.#postfix(out);
    return filters ? this.#filtersAndTests(out) : out;
  }

  #primary(): Expression {
    const { stream } = this;
    const token = stream.current;
    const { line } = token;
    if (token.type === "name") {
      stream.next();
      const literal = LITERALS.get(token.text);
      return literal === undefined
        ? { type: "name", name: token.text, line }
        : { type: "const", value: literal, line };
    }
    if (token.type === "string") {
      let value = "";
      while (stream.current.type === "string") value += stream.next().text;
      return { type: "const", value, line };
    }
    if (token.type === "number") {
      stream.next();
      return { type: "const", value: token.value ?? 0, line };
    }
    if (stream.skipOperator("(")) {
      const inner = this.tuple({ parenthesised: true });
      stream.expect("operator", ")");
      return inner;
    }
    if (stream.skipOperator("["))
      return { type: "list", items: this.#list("]", () => this.expression()), line };
    if (stream.skipOperator("{")) return { type: "dict", pairs: this.#list("}", () => this.#pair()), line };
    throw stream.error(
      token.type === "eof" ? "unexpected end of template" : `unexpected '${token.text || token.type}'`,
    );
  }

  #list<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    while (!this.stream.isOperator(close)) {
      if (items.length > 0) this.stream.expect("operator", ",");
      if (this.stream.isOperator(close)) break;
      items.push(item());
    }
    this.stream.expect("operator", close);
    return items;
  }

  #pair(): [Expression, Expression] {
    const key = this.expression();
    this.stream.expect("operator", ":");
    return [key, this.expression()];
  }

  #postfix(start: Expression): Expression {
    let out = start;
    for (;;) {
      if (this.stream.isOperator(".", "[")) out = this.#subscript(out);
      else if (this.stream.isOperator("(")) out = this.#call(out);
      else return out;
    }
  }

  #call(of: Expression): Expression {
    const { line } = this.stream.current;
    return { type: "call", of, args: this.arguments(), line };
  }

  #subscript(of: Expression): Expression {
    const { stream } = this;
    const { line, text } = stream.next();
    if (text === ".") {
      const token = stream.next();
      if (token.type === "name") return { type: "attribute", of, name: token.text, line };
      if (token.type !== "number" || typeof token.value !== "number" || !/^\w+$/.test(token.text))
        throw stream.error("expected name or number", token.line);
      return { type: "item", of, key: { type: "const", value: token.value, line }, line };
    }
    const keys: (Expression | (Expression | undefined)[])[] = [];
    while (!stream.isOperator("]")) {
      if (keys.length > 0) stream.expect("operator", ",");
      keys.push(this.#subscriptPart());
    }
    stream.expect("operator", "]");
    const [first] = keys;
    if (keys.length === 1 && Array.isArray(first)) return { type: "slice", of, parts: first, line };
    const items = keys.map((key) => {
      if (Array.isArray(key)) throw stream.error("a slice can't be part of a tuple", line);
      return key;
    });
    return { type: "item", of, key: items.length === 1 ? items[0]! : { type: "tuple", items, line }, line };
  }

  #subscriptPart(): Expression | (Expression | undefined)[] {
    const { stream } = this;
    let start: Expression | undefined;
    if (!stream.isOperator(":")) {
      start = this.expression();
      if (!stream.isOperator(":")) return start;
    }
    stream.next();
    const part = (): Expression | undefined =>
      stream.isOperator(":", "]", ",") ? undefined : this.expression();
    const stop = part();
    const step = stream.skipOperator(":") ? part() : undefined;
    return [start, stop, step];
  }

  arguments(): Arguments {
    const { stream } = this;
    const { line } = stream.expect("operator", "(");
    const args: Arguments = { positional: [], keywords: [] };
    const ensure = (allowed: boolean): void => {
      if (!allowed) throw stream.error("invalid syntax for function call expression", line);
    };
    let first = true;
    while (!stream.isOperator(")")) {
      if (!first) {
        stream.expect("operator", ",");
        if (stream.isOperator(")")) break;
      }
      first = false;
      if (stream.skipOperator("*")) {
        ensure(args.rest === undefined && args.restKeywords === undefined);
        args.rest = this.expression();
      } else if (stream.skipOperator("**")) {
        ensure(args.restKeywords === undefined);
        args.restKeywords = this.expression();
      } else if (
        stream.current.type === "name" &&
        stream.following.type === "operator" &&
        stream.following.text === "="
      ) {
        ensure(args.restKeywords === undefined);
        const name = stream.next().text;
        stream.next();
        ensure(!args.keywords.some(([known]) => known === name));
        args.keywords.push([name, this.expression()]);
      } else {
        ensure(args.rest === undefined && args.restKeywords === undefined && args.keywords.length === 0);
        args.positional.push(this.expression());
      }
    }
    stream.expect("operator", ")");
    return args;
  }

  #filtersAndTests(start: Expression): Expression {
    let out = start;
    for (;;) {
      if (this.stream.isOperator("|")) {
        this.stream.next();
        out = this.filter(out);
      } else if (this.stream.isName("is")) out = this.#test(out);
      else if (this.stream.isOperator("(")) out = this.#call(out);
      else return out;
    }
  }

  #dottedName(): string {
    let name = this.stream.expect("name").text;
    while (this.stream.skipOperator(".")) name += `.${this.stream.expect("name").text}`;
    return name;
  }

  /** A filter after its `|`. */
  filter(of: Expression | undefined): Expression {
    const { line } = this.stream.current;
    const name = this.#dottedName();
    const args = this.stream.isOperator("(") ? this.arguments() : { positional: [], keywords: [] };
    return { type: "filter", of, name, args, line };
  }

  #test(of: Expression): Expression {
    const { stream } = this;
    const { line } = stream.next();
    const negated = stream.skipName("not");
    const name = this.#dottedName();
    let args: Arguments = { positional: [], keywords: [] };
    const { type } = stream.current;
    if (stream.isOperator("(")) args = this.arguments();
    else if (
      (type === "string" || type === "number" || type === "name" || stream.isOperator("[", "{")) &&
      !stream.isName("else", "or", "and")
    ) {
      if (stream.isName("is")) throw stream.error("You cannot chain multiple tests with is");
      args = { positional: [this.#postfix(this.#primary())], keywords: [] };
    }
    const test: Expression = { type: "test", of, name, args, line };
    return negated ? { type: "not", of: test, line } : test;
  }

  /** What may stand left of `=`, or between `for` and `in`. */
  target(options: { end?: string; members?: boolean } = {}): Target {
    const { stream } = this;
    const { line } = stream.current;
    const items: Target[] = [];
    let commas = false;
    for (;;) {
      if (items.length > 0) stream.expect("operator", ",");
      if (this.#tupleEnds(options.end)) break;
      items.push(this.#targetPart(options.members ?? false));
      if (!stream.isOperator(",")) break;
      commas = true;
    }
    if (commas) return { type: "tuple", items, line };
    if (items[0] === undefined) throw stream.error("expected an assignment target");
    return items[0];
  }

  #targetPart(members: boolean): Target {
    const { stream } = this;
    const { line } = stream.current;
    if (stream.skipOperator("(")) {
      const expression = this.tuple({ parenthesised: true });
      stream.expect("operator", ")");
      return this.#asTarget(expression);
    }
    const name = this.targetName();
    if (!members || !stream.skipOperator(".")) return { type: "name", name, line };
    return { type: "member", name, attribute: stream.expect("name").text, line };
  }

  #asTarget(expression: Expression): Target {
    const { line } = expression;
    if (expression.type === "name") return { type: "name", name: expression.name, line };
    if (expression.type === "tuple")
      return { type: "tuple", items: expression.items.map((item) => this.#asTarget(item)), line };
    throw this.stream.error(`can't assign to '${expression.type}'`, line);
  }

  targetName(): string {
    const token = this.stream.expect("name");
    if (LITERALS.has(token.text)) throw this.stream.error(`can't assign to '${token.text}'`, token.line);
    return token.text;
  }
}

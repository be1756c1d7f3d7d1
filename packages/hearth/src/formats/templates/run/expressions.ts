import { TemplateError, typeError } from "../errors.ts";
import { filters } from "../filters/index.ts";
import { tests } from "../filters/tests.ts";
import { checkChars } from "../limits.ts";
import type { Arguments, Comparison, Expression } from "../syntax/ast.ts";
import { binary, call, getAttribute, getItem, slice } from "../values/access.ts";
import { negate, numeric } from "../values/numbers.ts";
import { contains, defined, equal, iterate, ordered, truth } from "../values/operators.ts";
import { str, typeName } from "../values/repr.ts";
import { Dict, type Keywords, NO_KEYWORDS, Tuple, Undefined, type Value } from "../values/types.ts";
import type { Scope } from "./scope.ts";
import { type Symbols, walk } from "./symbols.ts";

export type Evaluate = (scope: Scope) => Value;

/** What the compiler knows where it stands. */
export interface Place {
  symbols: Symbols;
  /** Inside an `if`: an unknown filter or test fails only when it runs. */
  soft: boolean;
}

/** An expression as a function of the scope. Raises where Jinja2's compiler does. */
export function compileExpression(expression: Expression, place: Place): Evaluate {
  const sub = (item: Expression): Evaluate => compileExpression(item, place);
  switch (expression.type) {
    case "const": {
      const { value } = expression;
      return () => value;
    }
    case "name":
      return variable(expression.name, place.symbols);
    case "tuple": {
      const items = expression.items.map(sub);
      return (scope) => new Tuple(items.map((item) => item(scope)));
    }
    case "list": {
      const items = expression.items.map(sub);
      return (scope) => items.map((item) => item(scope));
    }
    case "dict": {
      const pairs = expression.pairs.map(([key, value]) => [sub(key), sub(value)] as const);
      return (scope) => Dict.of(pairs.map(([key, value]) => [key(scope), value(scope)]));
    }
    case "concat": {
      const items = expression.items.map(sub);
      return (scope) => {
        let out = "";
        for (const item of items) {
          const part = str(item(scope));
          checkChars(out.length + part.length);
          out += part;
        }
        return out;
      };
    }
    case "attribute": {
      const of = sub(expression.of);
      const { name } = expression;
      return (scope) => getAttribute(of(scope), name);
    }
    case "item": {
      const of = sub(expression.of);
      const key = sub(expression.key);
      return (scope) => getItem(of(scope), key(scope));
    }
    case "slice": {
      const of = sub(expression.of);
      const [start, stop, step] = expression.parts.map((part) =>
        part === undefined ? () => null : sub(part),
      );
      const take = isConstant(expression) ? foldedSlice : slice;
      return (scope) => take(of(scope), start!(scope), stop!(scope), step!(scope));
    }
    case "call": {
      const of = sub(expression.of);
      const args = compileArguments(expression.args, place);
      return (scope) => {
        const callee = of(scope);
        const { positional, keywords } = args(scope);
        return call(callee, positional, keywords);
      };
    }
    case "filter":
      if (expression.of === undefined)
        throw new TemplateError("syntax", "a filter without a value", expression.line);
      return compileFilter(expression, sub(expression.of), place);
    case "test":
      return compileTest(expression, place);
    case "not": {
      const of = sub(expression.of);
      return (scope) => !truth(of(scope));
    }
    case "negate":
    case "plus":
      return sign(expression.type === "negate", sub(expression.of));
    case "binary": {
      const left = sub(expression.left);
      const right = sub(expression.right);
      const { operator } = expression;
      return (scope) => binary(operator, left(scope), right(scope));
    }
    case "and":
    case "or": {
      const left = sub(expression.left);
      const right = sub(expression.right);
      const stopAt = expression.type === "or";
      return (scope) => {
        const value = left(scope);
        return truth(value) === stopAt ? value : right(scope);
      };
    }
    case "compare":
      return compare(
        sub(expression.first),
        expression.rest.map(([operator, item]) => [COMPARE[operator], sub(item)]),
      );
    case "condition":
      return condition(expression, { ...place, soft: true });
  }
}

/** What Jinja2's compiler computes beforehand. */
function isConstant(expression: Expression): boolean {
  let constant = true;
  walk(
    expression,
    () => {
      constant = false;
    },
    (inner) => {
      if (inner.type === "call") constant = false;
    },
  );
  return constant;
}

/** Computed beforehand, a slice of what has none is undefined; computed later, it is an error. */
function foldedSlice(of: Value, start: Value, stop: Value, step: Value): Value {
  try {
    return slice(of, start, stop, step);
  } catch (error) {
    if (error instanceof TemplateError && error.kind === "type") return new Undefined(error.message);
    throw error;
  }
}

function variable(name: string, symbols: Symbols): Evaluate {
  const { level, slot } = symbols.reference(name);
  const up = symbols.level - level;
  const message = `'${name}' is undefined`;
  return (scope) => {
    const value = (up === 0 ? scope : scope.at(up)).slots[slot];
    return value === undefined ? new Undefined(message) : value;
  };
}

const COMPARE: Readonly<Record<Comparison, (a: Value, b: Value) => boolean>> = {
  "==": equal,
  "!=": (a, b) => !equal(a, b),
  "<": (a, b) => ordered("<", a, b),
  "<=": (a, b) => ordered("<=", a, b),
  ">": (a, b) => ordered(">", a, b),
  ">=": (a, b) => ordered(">=", a, b),
  in: (a, b) => contains(b, a),
  "not in": (a, b) => !contains(b, a),
};

/** `a < b < c` evaluates each once, and stops at the first that does not hold. */
function compare(first: Evaluate, rest: [(a: Value, b: Value) => boolean, Evaluate][]): Evaluate {
  return (scope) => {
    let left = first(scope);
    for (const [holds, item] of rest) {
      const right = item(scope);
      if (!holds(left, right)) return false;
      left = right;
    }
    return true;
  };
}

function sign(minus: boolean, of: Evaluate): Evaluate {
  return (scope) => {
    const value = defined(of(scope));
    const number = numeric(value);
    if (number === undefined)
      throw typeError(`bad operand type for unary ${minus ? "-" : "+"}: '${typeName(value)}'`);
    return minus ? negate(number) : number;
  };
}

function condition(expression: Expression & { type: "condition" }, place: Place): Evaluate {
  const test = compileExpression(expression.test, place);
  const then = compileExpression(expression.then, place);
  const otherwise =
    expression.otherwise === undefined ? undefined : compileExpression(expression.otherwise, place);
  const message = `the inline if-expression on line ${expression.line} evaluated to false and no else section was defined.`;
  return (scope) => {
    if (truth(test(scope))) return then(scope);
    return otherwise === undefined ? new Undefined(message) : otherwise(scope);
  };
}

export interface BoundArguments {
  positional: Value[];
  keywords: Keywords;
}

export function compileArguments(args: Arguments, place: Place): (scope: Scope) => BoundArguments {
  const positional = args.positional.map((item) => compileExpression(item, place));
  const keywords = args.keywords.map(([name, item]) => [name, compileExpression(item, place)] as const);
  const rest = args.rest === undefined ? undefined : compileExpression(args.rest, place);
  const restKeywords =
    args.restKeywords === undefined ? undefined : compileExpression(args.restKeywords, place);
  return (scope) => {
    const values = positional.map((item) => item(scope));
    if (rest !== undefined) values.push(...iterate(rest(scope)));
    if (keywords.length === 0 && restKeywords === undefined)
      return { positional: values, keywords: NO_KEYWORDS };
    const named = new Map<string, Value>(keywords.map(([name, item]) => [name, item(scope)]));
    if (restKeywords !== undefined) {
      const more = restKeywords(scope);
      if (!(more instanceof Dict)) throw typeError("argument after ** must be a mapping");
      for (const [key, value] of more.entries()) {
        if (typeof key !== "string") throw typeError("keywords must be strings");
        if (named.has(key)) throw typeError(`got multiple values for keyword argument '${key}'`);
        named.set(key, value);
      }
    }
    return { positional: values, keywords: named };
  };
}

const unknown = (kind: string, name: string, line: number): TemplateError =>
  new TemplateError("syntax", `No ${kind} named '${name}' (line ${line})`, line);

export function compileFilter(
  expression: Expression & { type: "filter" },
  of: Evaluate,
  place: Place,
): Evaluate {
  const { name, line } = expression;
  const filter = filters.get(name);
  if (filter === undefined && !place.soft) throw unknown("filter", name, line);
  const args = compileArguments(expression.args, place);
  return (scope) => {
    const value = of(scope);
    const { positional, keywords } = args(scope);
    if (filter === undefined) throw new TemplateError("runtime", `No filter named '${name}' found.`, line);
    return filter([value, ...positional], keywords);
  };
}

function compileTest(expression: Expression & { type: "test" }, place: Place): Evaluate {
  const { name, line } = expression;
  const test = tests.get(name);
  if (test === undefined && !place.soft) throw unknown("test", name, line);
  const of = compileExpression(expression.of, place);
  const args = compileArguments(expression.args, place);
  return (scope) => {
    const value = of(scope);
    const { positional, keywords } = args(scope);
    if (test === undefined) throw new TemplateError("runtime", `No test named '${name}' found.`, line);
    return test([value, ...positional], keywords);
  };
}

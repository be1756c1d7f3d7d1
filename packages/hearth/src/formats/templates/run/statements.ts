import { runtimeError, TemplateError, typeError } from "../errors.ts";
import { spend } from "../limits.ts";
import type { Expression, Statement } from "../syntax/ast.ts";
import { call } from "../values/access.ts";
import { escapeHtml, truth } from "../values/operators.ts";
import { str } from "../values/repr.ts";
import { Markup, Undefined, type Value } from "../values/types.ts";
import { compileArguments, compileExpression, compileFilter, type Evaluate } from "./expressions.ts";
import { compileFor } from "./for.ts";
import { compileMacroBody } from "./macro-body.ts";
import { type Context, enterFrame, Output, type Scope } from "./scope.ts";
import { Symbols } from "./symbols.ts";
import { compileTarget } from "./targets.ts";
import type { CompilePlace, Execute, Signal } from "./types.ts";

const NOTHING: Signal = undefined;

/** Statements as one function that writes what they print, and says how it ended. */
export function compileBody(body: readonly Statement[], place: CompilePlace): Execute {
  const parts = body.map((statement) => compileStatement(statement, place));
  return (scope, out) => {
    for (const part of parts) {
      spend(1);
      const signal = part(scope, out);
      if (signal !== undefined) return signal;
    }
    return NOTHING;
  };
}

function compileStatement(statement: Statement, place: CompilePlace): Execute {
  switch (statement.type) {
    case "data": {
      const { text } = statement;
      return (_scope, out) => {
        out.write(text);
        return NOTHING;
      };
    }
    case "output": {
      const value = compileExpression(statement.value, place);
      return (scope, out) => {
        out.write(printed(value(scope), scope.context));
        return NOTHING;
      };
    }
    case "for":
      return compileFor(statement, place, compileBody);
    case "if":
      return compileIf(statement, { ...place, soft: true });
    case "set":
      return compileSet(statement, place);
    case "set-block":
      return compileSetBlock(statement, place);
    case "with":
      return compileWith(statement, place);
    case "macro":
      return compileMacro(statement, place);
    case "call":
      return compileCall(statement, place);
    case "filter": {
      const symbols = new Symbols(place.symbols);
      symbols.statements(statement.body);
      symbols.expression(statement.filter);
      const inner: CompilePlace = { ...place, symbols, soft: false, top: false };
      const text = captured(statement.body, inner);
      const filter = fedFilter(statement.filter, inner);
      const enter = enterFrame(symbols);
      return (outer, out) => {
        const scope = enter(outer.context, outer);
        const result = text(scope);
        if (typeof result !== "string") return result.signal;
        out.write(printed(filter(scope, marked(result, scope.context)), scope.context));
        return NOTHING;
      };
    }
    case "autoescape":
      return compileAutoescape(statement, place);
    case "block":
      return compileBlock(statement, place);
    case "load": {
      const { tag, line } = statement;
      return () => {
        throw new TemplateError(
          "runtime",
          `{% ${tag} %} needs other templates, and a chat template has none`,
          line,
        );
      };
    }
    case "break":
    case "continue": {
      const { type, line } = statement;
      if (!place.loop) throw new TemplateError("syntax", `'${type}' outside loop (line ${line})`, line);
      return () => type;
    }
  }
}

const printed = (value: Value, context: Context): string =>
  context.autoescape && !(value instanceof Markup) ? escapeHtml(str(value)) : str(value);

const marked = (text: string, context: Context): Value => (context.autoescape ? new Markup(text) : text);

/** A body's text, or how it was left early. */
function captured(
  body: readonly Statement[],
  place: CompilePlace,
): (scope: Scope) => string | { signal: Signal } {
  const run = compileBody(body, place);
  return (scope) => {
    const out = new Output();
    const signal = run(scope, out);
    return signal === undefined ? out.text : { signal };
  };
}

/** A chain of filters whose first takes a text from outside. */
function fedFilter(filter: Expression, place: CompilePlace): (scope: Scope, fed: Value) => Value {
  let fed: Value = "";
  const compile = (item: Expression): Evaluate => {
    if (item.type !== "filter") return compileExpression(item, place);
    return compileFilter(item, item.of === undefined ? () => fed : compile(item.of), place);
  };
  const run = compile(filter);
  return (scope, value) => {
    fed = value;
    return run(scope);
  };
}

function compileIf(statement: Statement & { type: "if" }, place: CompilePlace): Execute {
  const branches = statement.branches.map(
    ({ test, body }) => [compileExpression(test, place), compileBody(body, place)] as const,
  );
  const otherwise = compileBody(statement.otherwise, place);
  return (scope, out) => {
    for (const [test, body] of branches) if (truth(test(scope))) return body(scope, out);
    return otherwise(scope, out);
  };
}

function compileSet(statement: Statement & { type: "set" }, place: CompilePlace): Execute {
  const value = compileExpression(statement.value, place);
  const assign = compileTarget(statement.target, place);
  return (scope) => {
    assign.check(scope);
    assign.run(scope, value(scope));
    return NOTHING;
  };
}

function compileSetBlock(statement: Statement & { type: "set-block" }, place: CompilePlace): Execute {
  const symbols = new Symbols(place.symbols);
  symbols.statements(statement.body);
  const inner: CompilePlace = { ...place, symbols, soft: false, top: false };
  const text = captured(statement.body, inner);
  const filter = statement.filter === undefined ? undefined : fedFilter(statement.filter, inner);
  const enter = enterFrame(symbols);
  const assign = compileTarget(statement.target, place);
  return (outer) => {
    const scope = enter(outer.context, outer);
    const result = text(scope);
    if (typeof result !== "string") return result.signal;
    const value = filter === undefined ? result : filter(scope, result);
    assign.run(outer, outer.context.autoescape ? new Markup(str(value)) : value);
    return NOTHING;
  };
}

function compileWith(statement: Statement & { type: "with" }, place: CompilePlace): Execute {
  const symbols = new Symbols(place.symbols);
  for (const target of statement.targets) symbols.target(target, true);
  symbols.statements(statement.body);
  const inner: CompilePlace = { ...place, symbols, soft: false, top: false };
  const values = statement.values.map((value) => compileExpression(value, place));
  const targets = statement.targets.map((target) => compileTarget(target, inner));
  const body = compileBody(statement.body, inner);
  const enter = enterFrame(symbols);
  return (outer, out) => {
    const scope = enter(outer.context, outer);
    for (const [at, target] of targets.entries()) target.run(scope, values[at]!(outer));
    return body(scope, out);
  };
}

function compileMacro(statement: Statement & { type: "macro" }, place: CompilePlace): Execute {
  const { name, parameters, body } = statement;
  const make = compileMacroBody({ name, parameters, body }, place, compileBody);
  const assign = compileTarget({ type: "name", name, line: statement.line }, place);
  return (scope) => {
    assign.run(scope, make(scope));
    return NOTHING;
  };
}

function compileCall(statement: Statement & { type: "call" }, place: CompilePlace): Execute {
  const { parameters, body, call: called } = statement;
  const make = compileMacroBody({ name: undefined, parameters, body }, place, compileBody);
  const callee = compileExpression(called.of, place);
  const args = compileArguments(called.args, place);
  return (scope, out) => {
    const caller = make(scope);
    const function_ = callee(scope);
    const { positional, keywords } = args(scope);
    if (keywords.has("caller")) throw typeError("got multiple values for keyword argument 'caller'");
    const result = call(function_, positional, new Map([...keywords, ["caller", caller]]));
    out.write(printed(result, scope.context));
    return NOTHING;
  };
}

function compileAutoescape(statement: Statement & { type: "autoescape" }, place: CompilePlace): Execute {
  const symbols = new Symbols(place.symbols);
  symbols.expression(statement.on);
  symbols.statements(statement.body);
  const inner: CompilePlace = { ...place, symbols, soft: false, top: false };
  const on = compileExpression(statement.on, inner);
  const body = compileBody(statement.body, inner);
  const enter = enterFrame(symbols);
  return (outer, out) => {
    const { context } = outer;
    const scope = enter(context, outer);
    const before = context.autoescape;
    context.autoescape = truth(on(scope));
    try {
      return body(scope, out);
    } finally {
      context.autoescape = before;
    }
  };
}

/** A block stands apart: it sees what the top level exported, and the scope around it only when `scoped`. */
function compileBlock(statement: Statement & { type: "block" }, place: CompilePlace): Execute {
  const { name, scoped, required, line, body } = statement;
  if (place.blocks.has(name))
    throw new TemplateError("syntax", `block '${name}' defined twice (line ${line})`, line);
  const symbols = new Symbols();
  const run = lazily(() => {
    symbols.parameter("self");
    symbols.statements(body);
    const inner = compileBody(body, { ...place, symbols, soft: false, top: false, loop: false });
    const self = symbols.reference("self").slot;
    const enter = enterFrame(symbols);
    return (context: Context, locals: ReadonlyMap<string, Value>, out: Output): void => {
      const scope = enter(context, undefined, locals);
      scope.slots[self] = place.self(context);
      inner(scope, out);
    };
  });
  place.blocks.set(name, (context, locals, out) => run()(context, locals, out));
  place.compileLater(run);
  const names = scoped ? [...new Set(place.symbols.visible())] : [];
  const visible = names.map(
    (local) => [local, compileExpression({ type: "name", name: local, line }, place)] as const,
  );
  return (scope, out) => {
    if (required) throw runtimeError(`Required block '${name}' not found`);
    const locals = new Map<string, Value>();
    for (const [local, read] of visible) {
      const value = read(scope);
      if (!(value instanceof Undefined)) locals.set(local, value);
    }
    scope.context.blocks.get(name)!(scope.context, locals, out);
    return NOTHING;
  };
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

import { TemplateError } from "../errors.ts";
import { enter as enterCall, leave as leaveCall, spend } from "../limits.ts";
import type { Statement, Target } from "../syntax/ast.ts";
import { iterate, length, truth } from "../values/operators.ts";
import { Generator, Markup, type Value } from "../values/types.ts";
import { compileExpression } from "./expressions.ts";
import { LoopContext } from "./loop.ts";
import { enterFrame, Output, type Scope } from "./scope.ts";
import { Symbols } from "./symbols.ts";
import { compileTarget } from "./targets.ts";
import type { CompilePlace, Execute, Signal } from "./types.ts";

type CompileBody = (body: readonly Statement[], place: CompilePlace) => Execute;

export function compileFor(
  statement: Statement & { type: "for" },
  place: CompilePlace,
  compileBody: CompileBody,
): Execute {
  forbidLoopAsTarget(statement);
  const { recursive } = statement;
  const symbols = new Symbols(place.symbols);
  symbols.parameter("loop");
  symbols.target(statement.target, true);
  symbols.statements(statement.body);
  const inside: CompilePlace = { ...place, symbols, soft: false, top: false, loop: true };
  const body = compileBody(statement.body, inside);
  const target = compileTarget(statement.target, inside);
  const loopSlot = symbols.reference("loop").slot;
  const enter = enterFrame(symbols);
  const select = compileTest(statement, place);
  const otherwise = compileElse(statement, place, compileBody);
  const items = compileExpression(statement.items, place);

  const run = (outer: Scope, given: Value, out: Output, depth: number): Signal => {
    const chosen = select === undefined ? given : select(outer, given);
    const recurse = (more: Value, deeper: number): Value => {
      enterCall();
      const inner = new Output();
      run(outer, more, inner, deeper);
      leaveCall();
      return outer.context.autoescape ? new Markup(inner.text) : inner.text;
    };
    const known = chosen instanceof Generator ? undefined : lengthOf(chosen);
    const loop = new LoopContext(iterate(chosen), known, depth, recursive ? recurse : undefined);
    let finished = false;
    for (let item = loop.step(); item !== undefined; item = loop.step()) {
      spend(1);
      const scope = enter(outer.context, outer);
      scope.slots[loopSlot] = loop;
      target.run(scope, item);
      const signal = body(scope, out);
      if (signal === "break") break;
      // A round that was cut short does not count for `else`, as in Jinja2.
      if (signal === undefined) finished = true;
    }
    return finished ? undefined : otherwise?.(outer, out);
  };
  if (!recursive) return (scope, out) => run(scope, items(scope), out, 0);
  return (scope, out) => {
    const inner = new Output();
    run(scope, items(scope), inner, 0);
    out.write(inner.text);
    return undefined;
  };
}

function lengthOf(value: Value): number | undefined {
  try {
    return length(value);
  } catch {
    return undefined;
  }
}

/** `for x in y if test`: the items that pass, found out one by one while the loop runs. */
function compileTest(
  statement: Statement & { type: "for" },
  place: CompilePlace,
): ((outer: Scope, items: Value) => Value) | undefined {
  if (statement.test === undefined) return undefined;
  const symbols = new Symbols(place.symbols);
  symbols.target(statement.target, true);
  symbols.expression(statement.test);
  const inside: CompilePlace = { ...place, symbols, soft: false, top: false };
  const test = compileExpression(statement.test, inside);
  const target = compileTarget(statement.target, inside);
  const enter = enterFrame(symbols);
  return (outer, items) => {
    function* passing(): Iterable<Value> & Iterator<Value> {
      const scope = enter(outer.context, outer);
      for (const item of iterate(items)) {
        spend(1);
        target.run(scope, item);
        if (truth(test(scope))) yield item;
      }
    }
    return new Generator(passing());
  };
}

function compileElse(
  statement: Statement & { type: "for" },
  place: CompilePlace,
  compileBody: CompileBody,
): Execute | undefined {
  if (statement.otherwise.length === 0) return undefined;
  const symbols = new Symbols(place.symbols);
  symbols.statements(statement.otherwise);
  const loop = statement.recursive ? false : place.loop;
  const body = compileBody(statement.otherwise, { ...place, symbols, soft: false, top: false, loop });
  const enter = enterFrame(symbols);
  return (outer, out) => body(enter(outer.context, outer), out);
}

function forbidLoopAsTarget(statement: Statement & { type: "for" }): void {
  const names = (target: Target): string[] =>
    target.type === "tuple" ? target.items.flatMap(names) : target.type === "name" ? [target.name] : [];
  const visit = (body: readonly Statement[]): void => {
    for (const part of body) {
      if (
        (part.type === "for" || part.type === "set" || part.type === "set-block") &&
        names(part.target).includes("loop")
      )
        throw new TemplateError(
          "syntax",
          "Can't assign to special loop variable in for-loop target",
          part.line,
        );
      if (part.type === "if") {
        for (const branch of part.branches) visit(branch.body);
        visit(part.otherwise);
      } else if (part.type === "for") {
        visit(part.body);
        visit(part.otherwise);
      } else if ("body" in part) visit(part.body);
    }
  };
  visit([statement]);
}

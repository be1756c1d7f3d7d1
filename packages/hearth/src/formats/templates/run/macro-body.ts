import { TemplateError } from "../errors.ts";
import type { Parameter, Statement } from "../syntax/ast.ts";
import { Dict, Markup, Tuple, Undefined } from "../values/types.ts";
import { compileExpression, type Evaluate } from "./expressions.ts";
import { Macro, type MacroShape } from "./macro.ts";
import { enterFrame, Output, type Scope } from "./scope.ts";
import { Symbols, undeclared } from "./symbols.ts";
import type { CompilePlace, Execute } from "./types.ts";

type CompileBody = (body: readonly Statement[], place: CompilePlace) => Execute;

interface MacroSource {
  name: string | undefined;
  parameters: Parameter[];
  body: Statement[];
}

/** A macro or call block: given the scope it stands in, the object that can be called. */
export function compileMacroBody(
  source: MacroSource,
  place: CompilePlace,
  compileBody: CompileBody,
): (scope: Scope) => Macro {
  const { parameters, body } = source;
  const names = parameters.map((parameter) => parameter.name);
  const reads = undeclared(body, ["caller", "kwargs", "varargs"]);
  const explicit = parameters.find((parameter) => parameter.name === "caller");
  if (reads.has("caller") && explicit !== undefined && explicit.default === undefined)
    throw new TemplateError("syntax", 'the special "caller" argument must be omitted or be given a default');
  const shape: MacroShape = {
    name: source.name,
    parameters: names,
    caller: reads.has("caller"),
    kwargs: reads.has("kwargs") && !names.includes("kwargs"),
    varargs: reads.has("varargs") && !names.includes("varargs"),
  };
  const symbols = new Symbols(place.symbols);
  for (const name of names) symbols.parameter(name);
  for (const parameter of parameters) symbols.expression(parameter.default);
  for (const name of ["caller", "kwargs", "varargs"] as const)
    if (shape[name] && !names.includes(name)) symbols.parameter(name);
  symbols.statements(body);
  const inside: CompilePlace = { ...place, symbols, soft: false, top: false, loop: false };
  const defaults = parameters.map((parameter): Evaluate => {
    if (parameter.default !== undefined) return compileExpression(parameter.default, inside);
    return () => new Undefined(`parameter '${parameter.name}' was not provided`);
  });
  const run = compileBody(body, inside);
  const slot = (name: string): number => symbols.reference(name).slot;
  const slots = names.map(slot);
  const special = {
    caller: shape.caller && explicit === undefined ? slot("caller") : undefined,
    kwargs: shape.kwargs ? slot("kwargs") : undefined,
    varargs: shape.varargs ? slot("varargs") : undefined,
  };
  const enter = enterFrame(symbols);
  return (outer) =>
    new Macro(shape, (args) => {
      const scope = enter(outer.context, outer);
      if (special.caller !== undefined) scope.slots[special.caller] = args.caller;
      if (special.kwargs !== undefined) scope.slots[special.kwargs] = args.kwargs ?? new Dict();
      if (special.varargs !== undefined) scope.slots[special.varargs] = args.varargs ?? new Tuple([]);
      slots.forEach((at, position) => {
        scope.slots[at] = args.positional[position];
      });
      // A default may read the parameters before it.
      slots.forEach((at, position) => {
        if (scope.slots[at] === undefined) scope.slots[at] = defaults[position]!(scope);
      });
      const out = new Output();
      run(scope, out);
      return outer.context.autoescape ? new Markup(out.text) : out.text;
    });
}

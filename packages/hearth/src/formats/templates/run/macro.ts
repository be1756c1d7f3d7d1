import { typeError } from "../errors.ts";
import { stringRepr } from "../values/repr.ts";
import { Callable, Dict, type Keywords, Tuple, Undefined, type Value } from "../values/types.ts";

export interface MacroShape {
  /** Undefined for the body of a call block. */
  name: string | undefined;
  parameters: readonly string[];
  /** Whether the body reads `caller`, `kwargs`, `varargs`, and so takes them. */
  caller: boolean;
  kwargs: boolean;
  varargs: boolean;
}

/** Arguments as bound: undefined where the default applies. */
export interface MacroArguments {
  positional: (Value | undefined)[];
  caller?: Value;
  kwargs?: Dict;
  varargs?: Tuple;
}

/** A macro, or the body of a call block. */
export class Macro extends Callable {
  readonly typeName = "Macro";
  readonly #shape: MacroShape;
  readonly #body: (args: MacroArguments) => Value;

  constructor(shape: MacroShape, body: (args: MacroArguments) => Value) {
    super();
    this.#shape = shape;
    this.#body = body;
  }

  override attribute(name: string): Value | undefined {
    const shape = this.#shape;
    if (name === "name") return shape.name ?? null;
    if (name === "arguments") return new Tuple([...shape.parameters]);
    if (name === "catch_kwargs") return shape.kwargs;
    if (name === "catch_varargs") return shape.varargs;
    return name === "caller" ? shape.caller : undefined;
  }

  call(args: readonly Value[], keywords: Keywords): Value {
    const { parameters, name } = this.#shape;
    const shown = name === undefined ? "None" : stringRepr(name);
    const left = new Map(keywords);
    const take = (key: string): Value | undefined => {
      const value = left.get(key);
      left.delete(key);
      return value;
    };
    const positional = parameters.map((parameter, at) => (at < args.length ? args[at] : take(parameter)));
    const bound: MacroArguments = { positional };
    if (this.#shape.caller && !parameters.includes("caller")) {
      const caller = take("caller");
      bound.caller = caller === undefined || caller === null ? new Undefined("No caller defined") : caller;
    }
    if (this.#shape.kwargs) bound.kwargs = Dict.of(left);
    else if (left.size > 0)
      throw typeError(`macro ${shown} takes no keyword argument ${stringRepr([...left.keys()][0]!)}`);
    if (this.#shape.varargs) bound.varargs = new Tuple(args.slice(parameters.length));
    else if (args.length > parameters.length)
      throw typeError(`macro ${shown} takes not more than ${parameters.length} argument(s)`);
    return this.#body(bound);
  }

  override print(): string {
    return `<Macro ${this.#shape.name === undefined ? "anonymous" : stringRepr(this.#shape.name)}>`;
  }
}

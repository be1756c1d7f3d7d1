import { typeError } from "../errors.ts";
import { type Keywords, Native, type Value } from "./types.ts";

/** A function's parameters as bound to one call; undefined where a parameter with a default was left out. */
export type Bound = readonly (Value | undefined)[];

interface Parameter {
  name: string;
  optional: boolean;
  keyword: boolean;
}

/**
 * Binds calls to a signature written as `"s width? first?"`: `?` marks a default, a lone `/` ends the parameters that can't
 * be given by name. Fails as Python does: too many, unknown, given twice, missing.
 */
export function signature(name: string, spec: string): (args: readonly Value[], keywords: Keywords) => Bound {
  const words = spec.split(" ").filter((word) => word !== "");
  const slash = words.indexOf("/");
  const parameters: Parameter[] = words
    .filter((word) => word !== "/")
    .map((word, at) => ({
      name: word.replace("?", ""),
      optional: word.endsWith("?"),
      keyword: at >= slash,
    }));
  return (args, keywords) => {
    if (args.length > parameters.length)
      throw typeError(
        `${name}() takes at most ${parameters.length} argument(s) but ${args.length} were given`,
      );
    const bound: (Value | undefined)[] = parameters.map((_, at) => args[at]);
    for (const [key, value] of keywords) {
      const at = parameters.findIndex((parameter) => parameter.keyword && parameter.name === key);
      if (at < 0) throw typeError(`${name}() got an unexpected keyword argument '${key}'`);
      if (bound[at] !== undefined) throw typeError(`${name}() got multiple values for argument '${key}'`);
      bound[at] = value;
    }
    parameters.forEach((parameter, at) => {
      if (bound[at] === undefined && !parameter.optional)
        throw typeError(`${name}() missing required argument: '${parameter.name}'`);
    });
    return bound;
  };
}

/** A function of the runtime with a fixed signature. */
export function native(name: string, spec: string, run: (bound: Bound) => Value): Native {
  const bind = signature(name, spec);
  return new Native(name, (args, keywords) => run(bind(args, keywords)));
}

/** The methods of a type: name → signature and body, which gets the object and the bound arguments. */
export type Methods<T> = ReadonlyMap<string, (self: T) => Native>;

type MethodTable<T> = Readonly<
  Record<string, readonly [spec: string, run: (self: T, bound: Bound) => Value]>
>;

export function methods<T>(table: MethodTable<T>): Methods<T> {
  return new Map(
    Object.entries(table).map(([name, [spec, run]]) => {
      const bind = signature(name, spec);
      return [name, (self: T) => new Native(name, (args, keywords) => run(self, bind(args, keywords)))];
    }),
  );
}

import { TemplateError } from "../errors.ts";
import { spend } from "../limits.ts";
import { iterate, truth } from "../values/operators.ts";
import { str } from "../values/repr.ts";
import { Generator, type Keywords, textOf, type Value } from "../values/types.ts";
import { argumentError, attributeGetter, type Filter } from "./define.ts";

type Lookup = (name: string) => Filter | undefined;
type Items = Iterable<Value> & Iterator<Value>;

function named(lookup: Lookup, kind: string, name: Value): Filter {
  const found = lookup(textOf(name) ?? str(name));
  if (found === undefined) throw new TemplateError("runtime", `No ${kind} named '${str(name)}'.`);
  return found;
}

/** `|map("upper")`, `|map(attribute="name", default=…)`: lazily. */
export function mapFilter(filters: Lookup): Filter {
  return ([value, ...args], keywords) => {
    function* run(): Items {
      if (!truth(value!)) return;
      const apply =
        args.length === 0 && keywords.has("attribute")
          ? byAttribute(keywords)
          : byFilter(filters, args, keywords);
      for (const item of iterate(value!)) {
        spend(1);
        yield apply(item);
      }
    }
    return new Generator(run());
  };
}

function byAttribute(keywords: Keywords): (item: Value) => Value {
  for (const name of keywords.keys())
    if (name !== "attribute" && name !== "default")
      throw argumentError(`Unexpected keyword argument '${name}'`);
  return attributeGetter(keywords.get("attribute"), keywords.get("default"));
}

function byFilter(filters: Lookup, args: readonly Value[], keywords: Keywords): (item: Value) => Value {
  const [name, ...rest] = args;
  if (name === undefined) throw argumentError("map requires a filter argument");
  const filter = named(filters, "filter", name);
  return (item) => filter([item, ...rest], keywords);
}

/** `select`, `reject`, `selectattr`, `rejectattr`: lazily. */
export function selectFilter(tests: Lookup, keep: boolean, byAttributeName: boolean): Filter {
  return ([value, ...given], keywords) => {
    function* run(): Items {
      if (!truth(value!)) return;
      const args = [...given];
      let get = (item: Value): Value => item;
      if (byAttributeName) {
        const attribute = args.shift();
        if (attribute === undefined) throw argumentError("Missing parameter for attribute name");
        get = attributeGetter(attribute);
      }
      const [name, ...rest] = args;
      const test = name === undefined ? undefined : named(tests, "test", name);
      for (const item of iterate(value!)) {
        spend(1);
        const part = get(item);
        if (truth(test === undefined ? part : test([part, ...rest], keywords)) === keep) yield item;
      }
    }
    return new Generator(run());
  };
}

import { runtimeError, valueError } from "../errors.ts";
import type { Target } from "../syntax/ast.ts";
import { toList } from "../values/operators.ts";
import { Namespace, type Value } from "../values/types.ts";
import { compileExpression } from "./expressions.ts";
import type { Scope } from "./scope.ts";
import type { CompilePlace } from "./types.ts";

export interface Assign {
  run(scope: Scope, value: Value): void;
  /** Before the value is computed: `ns.x` only where `ns` is a namespace. */
  check(scope: Scope): void;
}

/** An assignment target: a name, a tuple to unpack, or an attribute of a namespace. */
export function compileTarget(target: Target, place: CompilePlace): Assign {
  const { symbols, top } = place;
  if (target.type === "tuple") {
    const parts = target.items.map((item) => compileTarget(item, place));
    return {
      check: (scope) => {
        for (const part of parts) part.check(scope);
      },
      run: (scope, value) => {
        const items = toList(value);
        if (items.length > parts.length)
          throw valueError(`too many values to unpack (expected ${parts.length})`);
        if (items.length < parts.length)
          throw valueError(`not enough values to unpack (expected ${parts.length}, got ${items.length})`);
        for (const [at, part] of parts.entries()) part.run(scope, items[at]!);
      },
    };
  }
  if (target.type === "member") {
    const read = compileExpression({ type: "name", name: target.name, line: target.line }, place);
    const namespace = (scope: Scope): Namespace => {
      const found = read(scope);
      if (!(found instanceof Namespace))
        throw runtimeError("cannot assign attribute on non-namespace object");
      return found;
    };
    return {
      check: (scope) => void namespace(scope),
      run: (scope, value) => namespace(scope).attributes.set(target.attribute, value),
    };
  }
  const { name } = target;
  const { level, slot } = symbols.reference(name);
  const up = symbols.level - level;
  return {
    check: () => undefined,
    run: (scope, value) => {
      scope.at(up).slots[slot] = value;
      if (top) scope.context.exported.set(name, value);
    },
  };
}

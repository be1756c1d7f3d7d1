import { runtimeError, TemplateError, typeError, valueError } from "./errors.ts";
import { momentOf, strftime } from "./strftime.ts";
import { native } from "./values/arguments.ts";
import { makeDict, makeNamespace } from "./values/containers.ts";
import { index } from "./values/numbers.ts";
import { str } from "./values/repr.ts";
import {
  Callable,
  type Keywords,
  Native,
  PyObject,
  Range,
  textOf,
  Undefined,
  type Value,
} from "./values/types.ts";

/** `range(…)` with the sandbox's bound. */
const range = new Native("range", (args, keywords) => {
  if (args.length < 1 || args.length > 3 || keywords.size > 0)
    throw typeError("range expected 1 to 3 arguments");
  const [first, second, third] = args.map((item) => index(item, "range argument"));
  const made = new Range(second === undefined ? 0 : first!, second ?? first!, third ?? 1);
  if (made.step === 0) throw valueError("range() arg 3 must not be zero");
  if (made.length > 100_000)
    throw new TemplateError(
      "overflow",
      "Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000).",
    );
  return made;
});

/** `cycler("a", "b")`. */
class Cycler extends PyObject {
  readonly typeName = "Cycler";
  readonly #items: readonly Value[];
  #at = 0;
  constructor(items: readonly Value[]) {
    super();
    this.#items = items;
  }
  override attribute(name: string): Value | undefined {
    if (name === "current") return this.#items[this.#at];
    if (name === "next")
      return native("next", "", () => {
        const item = this.#items[this.#at]!;
        this.#at = (this.#at + 1) % this.#items.length;
        return item;
      });
    if (name === "reset")
      return native("reset", "", () => {
        this.#at = 0;
        return null;
      });
    return name === "pos" ? this.#at : undefined;
  }
}

/** `joiner(", ")`: nothing the first time, then the separator. */
class Joiner extends Callable {
  readonly typeName = "Joiner";
  readonly #separator: Value;
  #used = false;
  constructor(separator: Value) {
    super();
    this.#separator = separator;
  }
  call(): Value {
    if (this.#used) return this.#separator;
    this.#used = true;
    return "";
  }
}

const FIXED: ReadonlyMap<string, Value> = new Map<string, Value>([
  ["range", range],
  ["dict", new Native("dict", makeDict)],
  ["namespace", new Native("namespace", makeNamespace)],
  [
    "joiner",
    native("joiner", "sep?", ([separator]) => new Joiner(separator === undefined ? ", " : separator)),
  ],
  [
    "cycler",
    new Native("cycler", (args: readonly Value[], keywords: Keywords) => {
      if (keywords.size > 0) throw typeError("cycler() takes no keyword arguments");
      if (args.length === 0) throw runtimeError("at least one item has to be provided");
      return new Cycler(args);
    }),
  ],
  [
    "raise_exception",
    native("raise_exception", "message", ([message]) => {
      throw new TemplateError("raised", message instanceof Undefined ? "" : str(message!));
    }),
  ],
]);

/** The environment's own names; `clock` is what `strftime_now` shows. */
export function globalNamed(name: string, clock: () => string | Date): Value | undefined {
  if (name !== "strftime_now") return FIXED.get(name);
  return native("strftime_now", "format", ([format]) => {
    const text = textOf(format!);
    if (text === undefined) throw typeError("strftime() argument 1 must be str");
    return strftime(momentOf(clock()), text);
  });
}

import { typeError } from "../errors.ts";
import { native } from "../values/arguments.ts";
import { equal } from "../values/operators.ts";
import { Callable, type Keywords, Native, Tuple, Undefined, type Value } from "../values/types.ts";

/** The `loop` of a `for`: looks one item ahead only when asked, and counts the rest only when asked. */
export class LoopContext extends Callable {
  readonly typeName = "LoopContext";
  readonly #depth0: number;
  readonly #recurse: ((items: Value, depth: number) => Value) | undefined;
  #items: Iterator<Value>;
  #known: number | undefined;
  #index0 = -1;
  #ahead: IteratorResult<Value> | undefined;
  #current: Value | undefined;
  #before: Value | undefined;
  #changed: Tuple | undefined;

  /** `known`: the length, where the thing looped over has one. */
  constructor(
    items: Iterable<Value>,
    known: number | undefined,
    depth0: number,
    recurse?: (items: Value, depth: number) => Value,
  ) {
    super();
    this.#items = items[Symbol.iterator]();
    this.#known = known;
    this.#depth0 = depth0;
    this.#recurse = recurse;
  }

  /** Steps on; undefined at the end. */
  step(): Value | undefined {
    const result = this.#peek();
    this.#ahead = undefined;
    if (result.done === true) return undefined;
    this.#index0++;
    this.#before = this.#current;
    this.#current = result.value;
    return result.value;
  }

  #peek(): IteratorResult<Value> {
    this.#ahead ??= this.#items.next();
    return this.#ahead;
  }

  override len(): number {
    if (this.#known === undefined) {
      const rest: Value[] = [];
      for (let item = this.#items.next(); item.done !== true; item = this.#items.next())
        rest.push(item.value);
      const ahead = this.#ahead !== undefined && this.#ahead.done !== true ? 1 : 0;
      this.#known = rest.length + this.#index0 + 1 + ahead;
      this.#items = rest[Symbol.iterator]();
    }
    return this.#known;
  }

  override attribute(name: string): Value | undefined {
    switch (name) {
      case "index":
        return this.#index0 + 1;
      case "index0":
        return this.#index0;
      case "first":
        return this.#index0 === 0;
      case "last":
        return this.#peek().done === true;
      case "length":
        return this.len();
      case "revindex":
        return this.len() - this.#index0;
      case "revindex0":
        return this.len() - this.#index0 - 1;
      case "depth":
        return this.#depth0 + 1;
      case "depth0":
        return this.#depth0;
      case "previtem":
        return this.#index0 === 0 ? new Undefined("there is no previous item") : this.#before;
      case "nextitem": {
        const next = this.#peek();
        return next.done === true ? new Undefined("there is no next item") : next.value;
      }
      case "cycle":
        return new Native("cycle", (args) => {
          if (args.length === 0) throw typeError("no items for cycling given");
          return args[this.#index0 % args.length]!;
        });
      case "changed":
        return new Native("changed", (args) => {
          const now = new Tuple(args);
          if (this.#changed !== undefined && equal(this.#changed, now)) return false;
          this.#changed = now;
          return true;
        });
      default:
        return undefined;
    }
  }

  call(args: readonly Value[], keywords: Keywords): Value {
    const recurse = this.#recurse;
    if (recurse === undefined)
      throw typeError("The loop must have the 'recursive' marker to be called recursively.");
    return native("loop", "iterable", ([items]) => recurse(items!, this.#depth0 + 1)).call(args, keywords);
  }

  override print(): string {
    return `<LoopContext ${this.#index0 + 1}/${this.len()}>`;
  }
}

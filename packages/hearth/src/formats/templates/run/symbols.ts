import type { Arguments, Expression, Statement, Target } from "../syntax/ast.ts";

/** How a name gets its value when its frame is entered. */
export type Load =
  | { from: "context" }
  | { from: "outer"; level: number; slot: number }
  | { from: "nothing" }
  | { from: "parameter" };

interface Reference {
  level: number;
  slot: number;
}

/**
 * Which names a frame holds, decided before it runs, as Jinja2 does. It shows: a name that a template sets anywhere in a frame
 * is that frame's own from its start, so a loop above the `set` sees it undefined even where the caller passed it.
 * Branches of an `if` share their frame; loops, macros, blocks of text have their own.
 */
export class Symbols {
  readonly level: number;
  readonly parent: Symbols | undefined;
  /** Slots of this frame; shared with the copies made for branches. */
  readonly #slots: Map<string, number>;
  readonly #refs: Set<string>;
  readonly #loads: Map<string, Load>;
  readonly stores: Set<string>;

  constructor(parent?: Symbols, copied?: Symbols) {
    this.parent = parent;
    this.level = parent === undefined ? 0 : parent.level + 1;
    this.#slots = copied === undefined ? new Map() : copied.#slots;
    this.#refs = new Set(copied === undefined ? [] : copied.#refs);
    this.#loads = new Map(copied === undefined ? [] : copied.#loads);
    this.stores = new Set(copied === undefined ? [] : copied.stores);
  }

  get size(): number {
    return this.#slots.size;
  }

  loads(): [slot: number, name: string, load: Load][] {
    return [...this.#loads].map(([name, load]) => [this.#slots.get(name)!, name, load]);
  }

  find(name: string): Reference | undefined {
    if (this.#refs.has(name)) return { level: this.level, slot: this.#slots.get(name)! };
    return this.parent?.find(name);
  }

  /** A name that analysis has seen; one it has not seen is taken from the context. */
  reference(name: string): Reference {
    this.load(name);
    return this.find(name)!;
  }

  #define(name: string, load: Load): void {
    if (!this.#slots.has(name)) this.#slots.set(name, this.#slots.size);
    this.#refs.add(name);
    this.#loads.set(name, load);
  }

  load(name: string): void {
    if (this.find(name) === undefined) this.#define(name, { from: "context" });
  }

  store(name: string): void {
    this.stores.add(name);
    if (this.#refs.has(name)) return;
    const outer = this.parent?.find(name);
    this.#define(name, outer === undefined ? { from: "nothing" } : { from: "outer", ...outer });
  }

  parameter(name: string): void {
    this.stores.add(name);
    this.#define(name, { from: "parameter" });
  }

  /** Visible names that templates set, for scoped blocks. */
  visible(): string[] {
    return [...this.stores, ...(this.parent?.visible() ?? [])];
  }

  /** What was learned in the branches of an `if`. */
  #merge(branches: Symbols[]): void {
    const fresh = new Set<string>();
    for (const branch of branches)
      for (const name of branch.stores) if (!this.stores.has(name)) fresh.add(name);
    for (const branch of branches) {
      for (const name of branch.#refs) this.#refs.add(name);
      for (const [name, load] of branch.#loads) this.#loads.set(name, load);
      for (const name of branch.stores) this.stores.add(name);
    }
    for (const name of fresh) {
      const outer = this.parent?.find(name);
      this.#loads.set(name, outer === undefined ? { from: "context" } : { from: "outer", ...outer });
    }
  }

  statements(body: readonly Statement[]): void {
    for (const statement of body) this.#statement(statement);
  }

  target(target: Target, parameter = false): void {
    if (target.type === "tuple") for (const item of target.items) this.target(item, parameter);
    else if (target.type === "member") this.load(target.name);
    else if (parameter) this.parameter(target.name);
    else this.store(target.name);
  }

  expression(expression: Expression | undefined): void {
    if (expression !== undefined) walk(expression, (name) => this.load(name));
  }

  #statement(statement: Statement): void {
    switch (statement.type) {
      case "output":
        this.expression(statement.value);
        return;
      case "for":
        this.expression(statement.items);
        return;
      case "if":
        this.#if(statement.branches, statement.otherwise);
        return;
      case "set":
        this.expression(statement.value);
        this.target(statement.target);
        return;
      case "set-block":
        this.target(statement.target);
        return;
      case "with":
        for (const value of statement.values) this.expression(value);
        return;
      case "macro":
        this.store(statement.name);
        return;
      case "call":
        this.expression(statement.call);
        return;
      case "filter":
        this.expression(statement.filter);
        return;
      case "load":
        this.expression(statement.from);
        for (const name of statement.names) this.store(name);
        return;
      default:
        return;
    }
  }

  /** Jinja2 takes the `elif` parts together as one branch of the first `if`, each an `if` of its own. */
  #if(branches: readonly { test: Expression; body: Statement[] }[], otherwise: readonly Statement[]): void {
    const [first, ...more] = branches;
    if (first === undefined) return;
    this.expression(first.test);
    const branch = (visit: (copy: Symbols) => void): Symbols => {
      const copy = new Symbols(this.parent, this);
      visit(copy);
      return copy;
    };
    this.#merge([
      branch((copy) => copy.statements(first.body)),
      branch((copy) => {
        for (const part of more) copy.#if([part], []);
      }),
      branch((copy) => copy.statements(otherwise)),
    ]);
  }
}

/** Calls `name` for each variable that an expression reads, and `each` for every part of it. */
export function walk(
  expression: Expression,
  name: (name: string) => void,
  visit: (part: Expression) => void = () => undefined,
): void {
  visit(expression);
  const each = (items: readonly (Expression | undefined)[]): void => {
    for (const item of items) if (item !== undefined) walk(item, name, visit);
  };
  const args = (given: Arguments): void => {
    each(given.positional);
    each(given.keywords.map(([, value]) => value));
    each([given.rest, given.restKeywords]);
  };
  switch (expression.type) {
    case "const":
      return;
    case "name":
      name(expression.name);
      return;
    case "tuple":
    case "list":
    case "concat":
      each(expression.items);
      return;
    case "dict":
      each(expression.pairs.flat());
      return;
    case "attribute":
    case "not":
    case "negate":
    case "plus":
      walk(expression.of, name, visit);
      return;
    case "item":
      each([expression.of, expression.key]);
      return;
    case "slice":
      each([expression.of, ...expression.parts]);
      return;
    case "call":
    case "filter":
    case "test":
      each([expression.of]);
      args(expression.args);
      return;
    case "binary":
    case "and":
    case "or":
      each([expression.left, expression.right]);
      return;
    case "compare":
      each([expression.first, ...expression.rest.map(([, item]) => item)]);
      return;
    case "condition":
      each([expression.test, expression.then, expression.otherwise]);
      return;
  }
}

/** Which of these names a body reads before it sets them itself; inner bodies count, blocks do not. */
export function undeclared(body: readonly Statement[], names: readonly string[]): Set<string> {
  const open = new Set(names);
  const found = new Set<string>();
  const read = (name: string): void => {
    if (open.has(name)) found.add(name);
  };
  const expression = (item: Expression | undefined): void => {
    if (item !== undefined) walk(item, read);
  };
  const target = (item: Target): void => {
    if (item.type === "tuple") item.items.forEach(target);
    else if (item.type === "name") open.delete(item.name);
  };
  const parameters = (items: readonly { name: string; default?: Expression }[]): void => {
    for (const item of items) open.delete(item.name);
    for (const item of items) expression(item.default);
  };
  const visit = (statement: Statement): void => {
    switch (statement.type) {
      case "output":
        expression(statement.value);
        return;
      case "for":
        target(statement.target);
        expression(statement.items);
        statement.body.forEach(visit);
        statement.otherwise.forEach(visit);
        expression(statement.test);
        return;
      case "if":
        for (const branch of statement.branches) {
          expression(branch.test);
          branch.body.forEach(visit);
        }
        statement.otherwise.forEach(visit);
        return;
      case "set":
        target(statement.target);
        expression(statement.value);
        return;
      case "set-block":
        target(statement.target);
        expression(statement.filter);
        statement.body.forEach(visit);
        return;
      case "with":
        statement.targets.forEach(target);
        statement.values.forEach(expression);
        statement.body.forEach(visit);
        return;
      case "macro":
        parameters(statement.parameters);
        statement.body.forEach(visit);
        return;
      case "call":
        expression(statement.call);
        parameters(statement.parameters);
        statement.body.forEach(visit);
        return;
      case "filter":
        statement.body.forEach(visit);
        expression(statement.filter);
        return;
      case "autoescape":
        expression(statement.on);
        statement.body.forEach(visit);
        return;
      case "load":
        expression(statement.from);
        return;
      default:
        return;
    }
  };
  body.forEach(visit);
  return found;
}

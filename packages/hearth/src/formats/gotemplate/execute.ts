import type { Branch, Command, GoTemplate, Node, Operand, Pipeline } from "./ast.ts";
import { bounded, GoTemplateError } from "./errors.ts";
import { FUNCTIONS, type GoFunction } from "./functions.ts";
import { field, type GoValue, mapOf, print, truth } from "./values.ts";

const MAX_STEPS = 2_000_000;
const MAX_CHARS = 2 ** 25;
const MAX_DEPTH = 200;

type Signal = "break" | "continue" | undefined;

/** Runs a Go template on its data. A template may be hostile: steps, text and depth are bounded. */
export function execute(
  template: GoTemplate,
  data: GoValue,
  more: Readonly<Record<string, GoFunction>> = {},
): string {
  const run = new Execution(template, { ...FUNCTIONS, ...more }, data);
  bounded(() => run.nodes(template.root, data, new Map([["$", data]])));
  return run.out;
}

/** Variables in sight; an inner block sees and may set those outside. */
type Variables = Map<string, GoValue>;

class Scope {
  readonly own: Variables = new Map();
  readonly parent: Scope | undefined;
  constructor(parent?: Scope) {
    this.parent = parent;
  }
  holder(name: string): Variables | undefined {
    return this.own.has(name) ? this.own : this.parent?.holder(name);
  }
}

class Execution {
  out = "";
  readonly #template: GoTemplate;
  readonly #functions: Readonly<Record<string, GoFunction>>;
  readonly #root: GoValue;
  #steps = 0;
  #depth = 0;

  constructor(template: GoTemplate, functions: Readonly<Record<string, GoFunction>>, root: GoValue) {
    this.#template = template;
    this.#functions = functions;
    this.#root = root;
  }

  nodes(nodes: readonly Node[], dot: GoValue, variables: Variables): void {
    const scope = new Scope();
    for (const [name, value] of variables) scope.own.set(name, value);
    this.#list(nodes, dot, scope);
  }

  #list(nodes: readonly Node[], dot: GoValue, scope: Scope): Signal {
    for (const node of nodes) {
      if (++this.#steps > MAX_STEPS)
        throw new GoTemplateError(`the template takes more than ${MAX_STEPS} steps`);
      const signal = this.#node(node, dot, scope);
      if (signal !== undefined) return signal;
    }
    return undefined;
  }

  #node(node: Node, dot: GoValue, scope: Scope): Signal {
    switch (node.kind) {
      case "text":
        return this.#write(node.text);
      case "action": {
        const value = this.#pipeline(node.pipeline, dot, scope);
        return node.pipeline.variables.length === 0 ? this.#write(print(value)) : undefined;
      }
      case "if":
      case "with": {
        const inner = new Scope(scope);
        const value = this.#pipeline(node.pipeline, dot, inner);
        if (truth(value)) return this.#list(node.body, node.kind === "with" ? value : dot, inner);
        return this.#list(node.otherwise, dot, inner);
      }
      case "range":
        return this.#range(node, dot, scope);
      case "template":
        return this.#named(node, dot, scope);
      default:
        return node.kind;
    }
  }

  #write(text: string): undefined {
    if (this.out.length + text.length > MAX_CHARS)
      throw new GoTemplateError("the template makes too much text");
    this.out += text;
  }

  #named(node: Node & { kind: "template" }, dot: GoValue, scope: Scope): Signal {
    const body = this.#template.named.get(node.name);
    if (body === undefined) throw new GoTemplateError(`template ${JSON.stringify(node.name)} not defined`);
    if (++this.#depth > MAX_DEPTH) throw new GoTemplateError("templates within templates without end");
    const data = node.pipeline === undefined ? null : this.#pipeline(node.pipeline, dot, scope);
    this.nodes(body, data, new Map([["$", data]]));
    this.#depth--;
    return undefined;
  }

  #range(node: Branch, dot: GoValue, scope: Scope): Signal {
    const { pipeline } = node;
    const outer = new Scope(scope);
    const value = this.#commands(pipeline, dot, outer);
    const rounds = entriesOf(value);
    for (const [key, item] of rounds) {
      const inner = new Scope(outer);
      const [first, second] = pipeline.variables;
      if (second !== undefined) {
        inner.own.set(first!, key);
        inner.own.set(second, item);
      } else if (first !== undefined) inner.own.set(first, item);
      if (this.#list(node.body, item, inner) === "break") break;
    }
    return rounds.length === 0 ? this.#list(node.otherwise, dot, outer) : undefined;
  }

  #pipeline(pipeline: Pipeline, dot: GoValue, scope: Scope): GoValue {
    const value = this.#commands(pipeline, dot, scope);
    for (const name of pipeline.variables) {
      const holder = pipeline.declares ? scope.own : scope.holder(name);
      if (holder === undefined) throw new GoTemplateError(`undefined variable ${name}`);
      holder.set(name, value);
    }
    return value;
  }

  #commands(pipeline: Pipeline, dot: GoValue, scope: Scope): GoValue {
    let value: GoValue;
    pipeline.commands.forEach((command, at) => {
      value = this.#command(command, at === 0 ? [] : [value], dot, scope);
    });
    return value;
  }

  #command(command: Command, piped: GoValue[], dot: GoValue, scope: Scope): GoValue {
    const [first, ...args] = command;
    if (first!.kind === "function") return this.#call(first!.name, args, piped, dot, scope);
    if (first!.kind === "constant" && first!.value === null)
      throw new GoTemplateError("nil is not a command");
    if (args.length > 0 || piped.length > 0)
      throw new GoTemplateError("can't give arguments to what is no function");
    return this.#operand(first!, dot, scope);
  }

  #call(name: string, args: readonly Operand[], piped: GoValue[], dot: GoValue, scope: Scope): GoValue {
    if (name === "and" || name === "or") {
      if (args.length + piped.length === 0) throw new GoTemplateError(`wrong number of args for ${name}`);
      let value: GoValue;
      for (const next of [
        ...args.map((arg) => () => this.#operand(arg, dot, scope)),
        ...piped.map((item) => () => item),
      ]) {
        value = next();
        if (truth(value) === (name === "or")) return value;
      }
      return value;
    }
    const run = this.#functions[name];
    if (run === undefined) throw new GoTemplateError(`function ${JSON.stringify(name)} not defined`);
    return run([...args.map((arg) => this.#operand(arg, dot, scope)), ...piped]);
  }

  #operand(operand: Operand, dot: GoValue, scope: Scope): GoValue {
    switch (operand.kind) {
      case "constant":
        return operand.value;
      case "dot":
        return operand.fields.reduce(field, dot);
      case "variable": {
        const holder = operand.name === "$" ? undefined : scope.holder(operand.name);
        if (holder === undefined && operand.name !== "$")
          throw new GoTemplateError(`undefined variable ${operand.name}`);
        const value =
          holder === undefined ? (scope.holder("$")?.get("$") ?? this.#root) : holder.get(operand.name);
        return operand.fields.reduce(field, value);
      }
      case "pipeline":
        return operand.fields.reduce(field, this.#pipeline(operand.pipeline, dot, new Scope(scope)));
      case "function":
        return this.#call(operand.name, [], [], dot, scope);
    }
  }
}

/** What `range` goes through: maps in the order of their keys. */
function entriesOf(value: GoValue): [GoValue, GoValue][] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.map((item, index) => [index, item]);
  if (typeof value === "number" && Number.isSafeInteger(value)) {
    if (value > MAX_STEPS) throw new GoTemplateError("range over too large a number");
    return Array.from({ length: Math.max(0, value) }, (_, index) => [index, index]);
  }
  const map = mapOf(value);
  if (map === undefined) throw new GoTemplateError("range can't iterate over this value");
  return Object.keys(map)
    .sort()
    .map((key) => [key, map[key]]);
}

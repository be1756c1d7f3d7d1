import { checkChars } from "../limits.ts";
import { parseTemplate } from "../syntax/statements.ts";
import { Native, PyObject, type Value } from "../values/types.ts";
import { type Block, type Context, enterFrame, Output } from "./scope.ts";
import { compileBody } from "./statements.ts";
import { Symbols } from "./symbols.ts";

/** A template ready to be rendered any number of times. */
export type Compiled = (resolve: (name: string) => Value | undefined) => string;

/** `self`: the template's blocks as functions. */
class SelfReference extends PyObject {
  readonly typeName = "TemplateReference";
  readonly #context: Context;
  constructor(context: Context) {
    super();
    this.#context = context;
  }
  override print(): string {
    return "<TemplateReference None>";
  }
  override attribute(name: string): Value | undefined {
    const block = this.#context.blocks.get(name);
    if (block === undefined) return undefined;
    return new Native(name, () => {
      const out = new Output();
      block(this.#context, new Map(), out);
      return out.text;
    });
  }
}

/** Raises `TemplateError` of kind `syntax` where Jinja2 refuses to compile. */
export function compileTemplate(text: string): Compiled {
  checkChars(text.length);
  const body = parseTemplate(text);
  const symbols = new Symbols();
  symbols.parameter("self");
  symbols.statements(body);
  const blocks = new Map<string, Block>();
  const later: (() => unknown)[] = [];
  const self = (context: Context): Value => new SelfReference(context);
  const compileLater = (run: () => unknown): void => void later.push(run);
  const place = { symbols, soft: false, top: true, loop: false, blocks, self, compileLater };
  const run = compileBody(body, place);
  for (const compile of later) compile();
  const selfSlot = symbols.reference("self").slot;
  const enter = enterFrame(symbols);
  return (resolve) => {
    const context: Context = { resolve, exported: new Map(), autoescape: false, blocks };
    const scope = enter(context, undefined);
    scope.slots[selfSlot] = self(context);
    const out = new Output();
    run(scope, out);
    return out.text;
  };
}

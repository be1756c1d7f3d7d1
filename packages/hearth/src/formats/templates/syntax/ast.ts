import type { Value } from "../values/types.ts";

export interface Arguments {
  positional: Expression[];
  keywords: [name: string, value: Expression][];
  rest?: Expression;
  restKeywords?: Expression;
}

export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in";

export type Expression = { line: number } & (
  | { type: "const"; value: Value }
  | { type: "name"; name: string }
  | { type: "tuple" | "list" | "concat"; items: Expression[] }
  | { type: "dict"; pairs: [Expression, Expression][] }
  | { type: "attribute"; of: Expression; name: string }
  | { type: "item"; of: Expression; key: Expression }
  | { type: "slice"; of: Expression; parts: (Expression | undefined)[] }
  | { type: "call"; of: Expression; args: Arguments }
  /** `of` is absent in a filter block: the filter takes the block's text. */
  | { type: "filter"; of: Expression | undefined; name: string; args: Arguments }
  | { type: "test"; of: Expression; name: string; args: Arguments }
  | { type: "not" | "negate" | "plus"; of: Expression }
  | {
      type: "binary";
      operator: "+" | "-" | "*" | "/" | "//" | "%" | "**";
      left: Expression;
      right: Expression;
    }
  | { type: "and" | "or"; left: Expression; right: Expression }
  | { type: "compare"; first: Expression; rest: [Comparison, Expression][] }
  | { type: "condition"; test: Expression; then: Expression; otherwise: Expression | undefined }
);

export type Target = { line: number } & (
  | { type: "name"; name: string }
  | { type: "tuple"; items: Target[] }
  | { type: "member"; name: string; attribute: string }
);

export interface Parameter {
  name: string;
  default?: Expression;
}

export type Statement = { line: number } & (
  | { type: "data"; text: string }
  | { type: "output"; value: Expression }
  | {
      type: "for";
      target: Target;
      items: Expression;
      test: Expression | undefined;
      recursive: boolean;
      body: Statement[];
      otherwise: Statement[];
    }
  | { type: "if"; branches: { test: Expression; body: Statement[] }[]; otherwise: Statement[] }
  | { type: "set"; target: Target; value: Expression }
  | { type: "set-block"; target: Target; filter: Expression | undefined; body: Statement[] }
  | { type: "with"; targets: Target[]; values: Expression[]; body: Statement[] }
  | { type: "macro"; name: string; parameters: Parameter[]; body: Statement[] }
  | { type: "call"; call: Expression & { type: "call" }; parameters: Parameter[]; body: Statement[] }
  | { type: "filter"; filter: Expression; body: Statement[] }
  | { type: "autoescape"; on: Expression; body: Statement[] }
  | { type: "block"; name: string; scoped: boolean; required: boolean; body: Statement[] }
  /** `include`, `import`, `extends`: there is no loader, so running one fails. `names` are what it would have stored. */
  | { type: "load"; tag: string; from: Expression; names: string[] }
  | { type: "break" | "continue" }
);

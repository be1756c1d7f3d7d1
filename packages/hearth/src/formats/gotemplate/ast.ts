export type Operand =
  | { kind: "constant"; value: string | number | boolean | null }
  | { kind: "dot"; fields: string[] }
  | { kind: "variable"; name: string; fields: string[] }
  | { kind: "function"; name: string }
  | { kind: "pipeline"; pipeline: Pipeline; fields: string[] };

/** Arguments that stand side by side: the first is what is called or taken. */
export type Command = Operand[];

export interface Pipeline {
  /** `$x :=` or `$x =`; in `range`, up to two. */
  variables: string[];
  declares: boolean;
  commands: Command[];
}

export type Node =
  | { kind: "text"; text: string }
  | { kind: "action"; pipeline: Pipeline }
  | Branch
  | { kind: "template"; name: string; pipeline: Pipeline | undefined }
  | { kind: "break" | "continue" };

export interface Branch {
  kind: "if" | "with" | "range";
  pipeline: Pipeline;
  body: Node[];
  otherwise: Node[];
}

export interface GoTemplate {
  root: Node[];
  /** `define` and `block`. */
  named: Map<string, Node[]>;
}

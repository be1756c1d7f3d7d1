import { isNode, type Node } from "./ast.ts";
import { SourceFault } from "./fault.ts";

export interface Comment {
  start: number;
  end: number;
  /** A block that opens with two stars. */
  isDoc: boolean;
  /** What stands between the marks. */
  text: string;
}

interface Parsers {
  acorn: typeof import("acorn");
  typed: typeof import("acorn").Parser;
  typedJsx: typeof import("acorn").Parser;
}

let parsers: Parsers | undefined;

/** Loads the parser (about 15 ms); only a plain function among the tools needs it. */
export async function loadParser(): Promise<void> {
  if (parsers) return;
  const [acorn, { tsPlugin }] = await Promise.all([import("acorn"), import("@sveltejs/acorn-typescript")]);
  parsers = {
    acorn,
    typed: acorn.Parser.extend(tsPlugin()),
    typedJsx: acorn.Parser.extend(tsPlugin({ jsx: true })),
  };
}

function loaded(): Parsers {
  if (!parsers) throw new Error("the parser is not loaded");
  return parsers;
}

/** The tree and comments of a source; `path` tells by its ending what is allowed in it. */
export function parse(text: string, path: string, shown: string): { ast: Node; comments: Comment[] } {
  const { acorn, typed, typedJsx } = loaded();
  const jsx = /\.[jt]sx$/.test(path);
  const first = jsx ? typedJsx : typed;
  try {
    return parseWith(first, text);
  } catch (error) {
    // JavaScript that TypeScript's grammar reads otherwise: `f(a < b, c > (d))`.
    if (/\.[cm]?js$/.test(path)) {
      try {
        return parseWith(acorn.Parser, text);
      } catch {
        // The first error is the one to tell.
      }
    }
    throw syntaxFault(error, shown);
  }
}

function parseWith(parser: typeof import("acorn").Parser, text: string): { ast: Node; comments: Comment[] } {
  // Types may be tried in two ways at one place, so a comment may come twice.
  const comments = new Map<number, Comment>();
  const ast = parser.parse(text, {
    ecmaVersion: "latest",
    sourceType: "module",
    locations: true,
    allowHashBang: true,
    allowAwaitOutsideFunction: true,
    allowReturnOutsideFunction: true,
    onComment: (isBlock, body, start, end) => {
      comments.set(start, {
        start,
        end,
        isDoc: isBlock && body.startsWith("*"),
        text: body.replace(/^\*/, ""),
      });
    },
  });
  if (!isNode(ast)) throw new Error("the parser gave no tree");
  return { ast, comments: [...comments.values()].sort((a, b) => a.start - b.start) };
}

function syntaxFault(error: unknown, shown: string): SourceFault {
  const message = error instanceof Error ? error.message : String(error);
  const line = /\((\d+):\d+\)\s*$/.exec(message)?.[1];
  const what = message.replace(/\s*\(\d+:\d+\)\s*$/, "");
  return new SourceFault(
    `the source can't be parsed: ${what}`,
    line === undefined ? shown : `${shown}:${line}`,
  );
}

/** The parameters of a function as V8 prints it (types already gone), or nothing where its text stands for native code. */
export function parametersOf(text: string): Node[] | undefined {
  const { acorn } = loaded();
  for (const whole of [
    `(${text})`,
    `({${text}})`,
    `(class extends Object{${text}})`,
    `(class{static ${text}})`,
  ]) {
    try {
      const root = acorn.parseExpressionAt(whole, 0, {
        ecmaVersion: "latest",
        allowSuperOutsideMethod: true,
      });
      const found = isNode(root) ? firstFunction(root) : undefined;
      if (found) return Array.isArray(found["params"]) ? found["params"].filter(isNode) : [];
    } catch {
      // A method is no expression, an expression is no method.
    }
  }
  return undefined;
}

function firstFunction(node: Node): Node | undefined {
  if (/Function/.test(node.type)) return node;
  if (node.type === "ObjectExpression") return methodOf(node["properties"]);
  if (node.type === "ClassExpression" && isNode(node["body"])) return methodOf(node["body"]["body"]);
  return node.type === "ParenthesizedExpression" && isNode(node["expression"])
    ? firstFunction(node["expression"])
    : undefined;
}

function methodOf(list: unknown): Node | undefined {
  const [first] = Array.isArray(list) ? list.filter(isNode) : [];
  const value = first?.["value"];
  return isNode(value) ? value : undefined;
}

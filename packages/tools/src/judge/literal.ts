import type { Node } from "web-tree-sitter";

/** The text of a word, where it means the same to every shell: no variable, substitution, pattern or brace in it. */
export function literal(node: Node): string | { fault: string } {
  switch (node.type) {
    case "number":
      return /^-?\d+$/.test(node.text) ? node.text : refuse(node);
    case "word":
      return bareWord(node);
    case "raw_string": {
      const inner = node.text.slice(1, -1);
      return node.text.startsWith("'") && node.text.endsWith("'") && !inner.includes("'")
        ? inner
        : refuse(node);
    }
    case "string":
      return quoted(node);
    case "concatenation": {
      let out = "";
      let end = node.startIndex;
      for (const child of node.children) {
        if (child.startIndex !== end || child.type === "concatenation") return refuse(node);
        end = child.endIndex;
        const piece = literal(child);
        if (typeof piece !== "string") return piece;
        out += piece;
      }
      return end === node.endIndex ? out : refuse(node);
    }
    default:
      return refuse(node);
  }
}

function refuse(node: Node): { fault: string } {
  const what = REASONS[node.type] ?? "is not a literal text";
  return { fault: `"${node.text.slice(0, 60)}" ${what}; write the value itself.` };
}

const REASONS: Readonly<Record<string, string>> = {
  simple_expansion: "is a variable",
  expansion: "is an expansion",
  command_substitution: "runs a command inside the command",
  process_substitution: "runs a command inside the command",
  arithmetic_expansion: "is computed by the shell",
  brace_expression: "is expanded by the shell",
  ansi_c_string: "is a string with escapes",
  translated_string: "is a translated string",
  extglob_pattern: "is a pattern",
};

/** Without quotes: a backslash takes the next character as it is; what the shell would expand is refused. */
function bareWord(node: Node): string | { fault: string } {
  if (node.childCount > 0) return refuse(node);
  const text = node.text;
  let out = "";
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === "\\") {
      const next = text[++at];
      if (next === undefined) return { fault: "The command ends with a backslash." };
      out += next;
    } else if ("*?[]".includes(char)) {
      return {
        fault: `"${text.slice(0, 60)}" is a pattern that the shell would expand; put it in single quotes, or name the files.`,
      };
    } else if ("{}$`'\"()<>|&;#".includes(char) && !(char === "#" && at > 0)) {
      return { fault: `"${text.slice(0, 60)}" contains "${char}" outside quotes; put it in single quotes.` };
    } else if (char === "~" && (at === 0 || text[at - 1] === "=" || text[at - 1] === ":")) {
      return {
        fault: `"${text.slice(0, 60)}": "~" is not expanded here; use a path relative to the workspace.`,
      };
    } else out += char;
  }
  return out;
}

/** In double quotes: `\"`, `\\`, `\$` and the escaped backtick are escapes, everything else is itself, and nothing may be expanded. */
function quoted(node: Node): string | { fault: string } {
  for (const child of node.children) {
    if (child.type !== "string_content" && child.type !== '"') return refuse(child);
  }
  const text = node.text;
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return refuse(node);
  const inner = text.slice(1, -1);
  let out = "";
  for (let at = 0; at < inner.length; at++) {
    const char = inner[at]!;
    if (char === "\\") {
      const next = inner[++at];
      if (next === undefined) return refuse(node);
      out += '"\\$`'.includes(next) ? next : `\\${next}`;
    } else if (
      char === '"' ||
      char === "`" ||
      (char === "$" && /[\w({[@*#?$!'"-]/.test(inner[at + 1] ?? ""))
    ) {
      return refuse(node);
    } else out += char;
  }
  return out;
}

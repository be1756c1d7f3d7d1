import { createRequire } from "node:module";
import type { Node, Parser } from "web-tree-sitter";
import { literal } from "./literal.ts";
import type { Command, Plan, Step } from "./types.ts";

/** Longest command line judged, characters. */
const MAX_CHARS = 8000;
/** Programs in one line; beyond it nothing is understood, so nothing runs. */
const MAX_COMMANDS = 20;

let loading: Promise<Parser> | undefined;

/** The parser; loaded once, when first needed (about 25 ms). */
function parser(): Promise<Parser> {
  loading ??= (async () => {
    const { Language, Parser } = await import("web-tree-sitter");
    await Parser.init();
    const resolve = createRequire(import.meta.url).resolve;
    const made = new Parser();
    made.setLanguage(await Language.load(resolve("tree-sitter-bash/tree-sitter-bash.wasm")));
    return made;
  })();
  return loading;
}

export interface Fault {
  fault: string;
}

export type Parsed = Plan | Fault;

const fault = (text: string): Fault => ({ fault: text });
const isFault = (value: object): value is Fault => "fault" in value;

/**
 * Reads a command line into programs and words. Only node types known here are taken; everything else is a fault, so a
 * construct of the shell that nobody thought of is refused. `pipelines`: take `|`, `;`, `&&`, `||` and output thrown away.
 */
export async function parseCommand(input: string, pipelines: boolean): Promise<Parsed> {
  // Ordinary blanks around it, and the line end that models like to add; nothing else is forgiven.
  const text = input.replace(/^ +| *\n?$/g, "");
  if (text === "") return fault("The command is empty.");
  if (text.length > MAX_CHARS) return fault(`The command is longer than ${MAX_CHARS} characters.`);
  const odd = oddCharacter(text);
  if (odd !== undefined) return fault(`The command contains ${odd}.`);
  const tree = (await parser()).parse(text);
  if (tree === null) return fault("The command can't be read.");
  try {
    const root = tree.rootNode;
    if (root.type !== "program" || root.hasError) return fault("The command is no complete shell command.");
    const plan = readList(root, text, pipelines);
    if (isFault(plan)) return plan;
    const count = plan.reduce((sum, step) => sum + step.pipeline.length, 0);
    if (count > MAX_COMMANDS) return fault(`More than ${MAX_COMMANDS} programs in one command.`);
    if (!pipelines && (count !== 1 || !isPlain(plan[0]!.pipeline[0]!))) {
      return fault("Only one plain command may run; no pipe, list or redirection.");
    }
    return plan;
  } finally {
    tree.delete();
  }
}

const isPlain = (command: Command) => command.stderr === undefined && command.discard !== true;

/** A character that programs, terminals and people read differently. */
function oddCharacter(text: string): string | undefined {
  if (/[\n\r]/.test(text)) return "a line break";
  if (/\p{Cc}/u.test(text)) return "a control character";
  if (/[\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\uFFFD]/u.test(text))
    return "an invisible or direction character";
  if (/(?! )\p{Zs}/u.test(text)) return "a space that is not the ordinary one";
  return undefined;
}

/** What may stand between two nodes: blanks, or a separator that was expected there. */
function blank(text: string, from: number, to: number): boolean {
  return /^ *$/.test(text.slice(from, to));
}

function readList(node: Node, text: string, pipelines: boolean): Parsed {
  const steps: Step[] = [];
  let when: Step["when"] = "always";
  let end = node.type === "program" ? 0 : node.startIndex;
  let separated = true;
  for (const child of node.children) {
    if (!blank(text, end, child.startIndex)) return fault("A part of the command can't be read.");
    end = child.endIndex;
    if (child.type === ";" || child.type === "&&" || child.type === "||") {
      if (separated) return fault("The command is no complete shell command.");
      if (!pipelines && child.endIndex < text.length)
        return fault(`"${child.type}" joins commands; only one may run.`);
      when = child.type === ";" ? "always" : child.type === "&&" ? "success" : "failure";
      separated = true;
      continue;
    }
    const inner = readStep(child, text, pipelines);
    if (isFault(inner)) return inner;
    steps.push(...inner.map((step, index) => (index === 0 ? { ...step, when } : step)));
    separated = false;
  }
  if (!blank(text, end, node.type === "program" ? text.length : node.endIndex)) {
    return fault("A part of the command can't be read.");
  }
  return steps.length === 0 ? fault("The command is empty.") : steps;
}

function readStep(node: Node, text: string, pipelines: boolean): Parsed {
  switch (node.type) {
    case "command":
    case "redirected_statement": {
      const command = readCommand(node, text);
      return isFault(command) ? command : [{ pipeline: [command], when: "always" }];
    }
    case "pipeline":
      return pipelines ? readPipeline(node, text) : fault('"|" joins commands; only one may run.');
    case "list":
      return readList(node, text, pipelines);
    default:
      return fault(`${describe(node.type)} is not allowed.`);
  }
}

function readPipeline(node: Node, text: string): Parsed {
  const pipeline: Command[] = [];
  let end = node.startIndex;
  for (const [index, child] of node.children.entries()) {
    if (!blank(text, end, child.startIndex)) return fault("A part of the command can't be read.");
    end = child.endIndex;
    if (index % 2 === 1) {
      if (child.type !== "|") return fault(`"${child.text}" is not allowed.`);
      continue;
    }
    if (child.type !== "command" && child.type !== "redirected_statement") {
      return fault(`${describe(child.type)} is not allowed in a pipe.`);
    }
    const command = readCommand(child, text);
    if (isFault(command)) return command;
    pipeline.push(command);
  }
  return end === node.endIndex
    ? [{ pipeline, when: "always" }]
    : fault("A part of the command can't be read.");
}

function readCommand(node: Node, text: string): Command | Fault {
  if (node.type === "redirected_statement") return readRedirected(node, text);
  const argv: string[] = [];
  let end = node.startIndex;
  for (const child of node.children) {
    if (!blank(text, end, child.startIndex)) return fault("A part of the command can't be read.");
    if (argv.length > 0 && child.startIndex === end) return fault("Two words of the command run together.");
    end = child.endIndex;
    if (argv.length === 0) {
      if (child.type === "variable_assignment")
        return fault("Setting a variable before a command is not allowed.");
      if (child.type !== "command_name") return fault(`${describe(child.type)} is not allowed.`);
      if (!/^[a-z][a-z0-9_.+-]*$/.test(child.text)) {
        return fault(`The program must be a plain name such as "grep", not "${child.text.slice(0, 60)}".`);
      }
      argv.push(child.text);
      continue;
    }
    const word = literal(child);
    if (typeof word !== "string") return word;
    argv.push(word);
  }
  if (end !== node.endIndex) return fault("A part of the command can't be read.");
  return argv.length === 0 ? fault("The command is empty.") : { argv };
}

/** `2>/dev/null`, `>/dev/null`, `2>&1`: output thrown away or joined, nothing written. All else is refused. */
function readRedirected(node: Node, text: string): Command | Fault {
  const [body, ...redirects] = node.children;
  if (body?.type !== "command") return fault("Only a plain command can be redirected.");
  const command = readCommand(body, text);
  if (isFault(command)) return command;
  let end = body.endIndex;
  for (const redirect of redirects) {
    if (redirect.type !== "file_redirect") return fault(`${describe(redirect.type)} is not allowed.`);
    if (!blank(text, end, redirect.startIndex)) return fault("A part of the command can't be read.");
    end = redirect.endIndex;
    const shape = redirect.text.replaceAll(" ", "");
    if (shape === "2>/dev/null") command.stderr = "discard";
    else if (shape === "2>&1") command.stderr = command.discard === true ? "discard" : "stdout";
    else if (shape === ">/dev/null" || shape === "1>/dev/null") command.discard = true;
    else
      return fault(
        `The redirection "${redirect.text.slice(0, 60)}" is not allowed: use write_file to write, or name the file as an argument to read.`,
      );
  }
  return end === node.endIndex ? command : fault("A part of the command can't be read.");
}

const KINDS: Readonly<Record<string, string>> = {
  command_substitution: "A command inside a command",
  process_substitution: "A process substitution",
  subshell: "A subshell",
  compound_statement: "A group of commands",
  for_statement: "A loop",
  c_style_for_statement: "A loop",
  while_statement: "A loop",
  if_statement: "A condition",
  case_statement: "A condition",
  function_definition: "A function definition",
  heredoc_redirect: "A here-document",
  herestring_redirect: "A here-string",
  negated_command: "A negated command",
  test_command: "A shell test",
  variable_assignment: "Setting a variable",
  variable_assignments: "Setting variables",
  declaration_command: "Declaring variables",
  unset_command: "Unsetting variables",
  comment: "A comment",
  "&": 'Running in the background ("&")',
};

function describe(type: string): string {
  return KINDS[type] ?? `The shell construct "${type}"`;
}

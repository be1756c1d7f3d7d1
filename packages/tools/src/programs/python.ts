import { type Tool, ToolError, type ToolResult } from "hearth";
import { interpret, type JobResult } from "../interpreters/index.ts";
import { LIMITS } from "../sandbox/index.ts";
import { inSubset } from "./python-subset.ts";
import {
  answering,
  OUTER_TIMEOUT_MS,
  READS,
  type Setup,
  TIMEOUT,
  textOf,
  timeoutOf,
  told,
  unconfined,
} from "./shared.ts";

/** Longest code: an argument of a program may have 128 KiB. */
const MAX_CODE = 100_000;
const L0 = "L0 interpreter (enforced)";
/** A first try in the interpreter takes this long at most; what is longer deserves a real Python. */
const FIRST_TRY_MS = 5000;

/**
 * Runs the code as a notebook does: what it prints, then the value of its last expression. The traceback shows the code's
 * own lines only.
 */
const WRAPPER = `
def _run():
    import ast, linecache, sys, traceback
    code, workspace, packages, allowed = sys.argv[1:5]
    sys.argv[:] = ["code.py"]
    sys.path.append(workspace)
    if packages:
        # After Python's own modules, before those of the system's packages.
        at = next((at for at, one in enumerate(sys.path) if one.endswith("-packages")), len(sys.path))
        sys.path.insert(at, packages)
    linecache.cache["code.py"] = (len(code), None, code.splitlines(True), "code.py")
    space = sys.modules["__main__"].__dict__
    try:
        tree = ast.parse(code, "code.py")
        if allowed:
            names = allowed.split(",")
            for node in ast.walk(tree):
                asked = [one.name for one in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom):
                    asked = ["." * node.level + (node.module or "")]
                for name in asked:
                    if not any(name == one or name.startswith(one + ".") for one in names):
                        raise ImportError("Import of %s is not allowed. Authorized imports are: %s" % (name, names))
        last = None
        if tree.body and isinstance(tree.body[-1], ast.Expr):
            last = ast.Expression(tree.body.pop().value)
        exec(compile(tree, "code.py", "exec"), space)
        if last is not None:
            value = eval(compile(last, "code.py", "eval"), space)
            if value is not None:
                print(repr(value))
    except SystemExit:
        raise
    except SyntaxError as error:
        if error.filename == "code.py" and error.__traceback__.tb_next and error.__traceback__.tb_next.tb_frame.f_code.co_filename != "code.py":
            sys.stderr.write("".join(traceback.format_exception_only(type(error), error)))
        else:
            traceback.print_exc()
        sys.exit(1)
    except BaseException as error:
        trace = error.__traceback__.tb_next
        sys.stdout.flush()
        traceback.print_exception(type(error), error, trace)
        sys.exit(1)
_run()
`;

export function runPython(setup: Setup): Tool {
  const offered = setup.sandbox?.python !== undefined;
  return {
    name: "run_python",
    description: offered
      ? "Run Python code and show what it prints and the value of its last line. It can read the workspace's files, but not write them; no network."
      : "Run simple Python code and show what it prints and the value of its last line. No files, no network, few modules.",
    parameters: {
      type: "object",
      properties: { code: { type: "string", description: "The Python code." }, timeout: TIMEOUT },
      required: ["code"],
      additionalProperties: false,
    },
    ...READS,
    ...(offered ? {} : { reads: "public" as const }),
    ...unconfined(setup),
    timeoutMs: OUTER_TIMEOUT_MS,
    run: (args, context) =>
      answering(async () => {
        const code = textOf(args, "code", MAX_CODE);
        const timeoutMs = timeoutOf(args, setup.limits);
        const limits = { ...LIMITS, ...setup.limits };
        const file = setup.sandbox?.python;
        const { sandbox, imports } = setup;
        const further = sandbox !== undefined && file !== undefined;
        // In the sandbox the wrapper looks, which reads the code as Python does.
        const refused = further || imports === undefined ? undefined : forbiddenImport(code, imports);
        if (refused !== undefined) throw new ToolError(refused);
        if (!further || inSubset(code)) {
          const first = await interpret(
            {
              language: "python",
              code,
              timeoutMs: further ? Math.min(timeoutMs, FIRST_TRY_MS) : timeoutMs,
              memoryMb: Math.min(limits.memoryMb, 256),
              outputChars: limits.outputChars,
            },
            context.signal,
          );
          if (!further || settled(first, timeoutMs))
            return interpreted(first, timeoutMs, setup, further || inSubset(code));
        }
        const result = await sandbox.run({
          workspace: setup.workspace.root,
          pipeline: [
            {
              argv: [
                file,
                "-I",
                "-B",
                "-X",
                "utf8",
                "-c",
                WRAPPER,
                code,
                setup.workspace.root,
                setup.packages?.python ?? "",
                (setup.imports ?? []).join(","),
              ],
            },
          ],
          ...setup.packages?.shown(),
          limits: { ...setup.limits, timeoutMs },
          signal: context.signal,
          onOutput: (text) => context.output(text),
        });
        return told(result, timeoutMs, setup.limits);
      }),
  };
}

/**
 * Whether the interpreter's outcome is the answer. Everything it fails at is tried again by the real Python: the first run
 * had no effect on anything, and only the real one knows the true error.
 */
function settled(first: JobResult, timeoutMs: number): boolean {
  if (first.limit === "time") return timeoutMs <= FIRST_TRY_MS;
  // A cap of the first try only: the real Python is bounded by its time.
  if (first.limit === "operations") return false;
  return first.limit !== undefined || (first.error === undefined && first.unsure !== true);
}

/** The first module that is on no list, in smolagents' words. For the interpreter alone, which knows few modules and no other way to import. */
export function forbiddenImport(code: string, allowed: readonly string[]): string | undefined {
  const asked = code.matchAll(/^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import|import[ \t]+(.+))/gm);
  const names = [...asked].flatMap(([, from, list]) =>
    from === undefined ? (list ?? "").split(",") : [from],
  );
  for (const name of names.map((one) => one.trim().split(/[\s;#]/)[0] ?? "")) {
    if (!allowed.some((one) => name === one || name.startsWith(`${one}.`)))
      return `Import of ${name} is not allowed. Authorized imports are: ${JSON.stringify(allowed)}`;
  }
  return undefined;
}

/** The outcome of an interpreter, told as that of a program. */
export function interpreted(
  result: JobResult & { ms: number },
  timeoutMs: number,
  setup: Setup,
  more: boolean,
): ToolResult {
  const { error, limit } = result;
  const value = result.value === undefined ? "" : `${result.value}\n`;
  const answer = told(
    {
      exitCode: error === undefined ? 0 : 1,
      stdout: result.output + value,
      stderr: error === undefined || limit !== undefined ? "" : error.text,
      truncated: result.truncated,
      ms: result.ms,
      sandbox: L0,
      ...(limit === undefined ? {} : { limit }),
    },
    timeoutMs,
    setup.limits,
  );
  const lacking = !more && limit === undefined;
  if (!lacking) return answer;
  const why =
    "This interpreter knows a part of Python only; a full one needs a sandbox, which is missing here.";
  return { ...answer, content: `${answer.content}\n${why}` };
}

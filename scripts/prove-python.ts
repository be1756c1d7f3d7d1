/** `npm run prove:python`: ordinary Python snippets through the interpreter and the sandbox, against the host's Python. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { programTools } from "../packages/tools/src/programs/index.ts";
import { call, tempFolder } from "../packages/tools/test/helpers.ts";

const NOTEBOOK = `
import ast, sys
tree = ast.parse(sys.argv[1])
last = ast.Expression(tree.body.pop().value) if isinstance(tree.body[-1], ast.Expr) else None
exec(compile(tree, "c", "exec"))
value = eval(compile(last, "c", "eval")) if last else None
if value is not None: print(repr(value))
`;
const file = new URL("../packages/tools/test/snippets.txt", import.meta.url);
const snippets = readFileSync(file, "utf8").trim().split("\n---\n");
using dir = tempFolder({});
const tools = programTools({ workspace: dir.path });
const levels: Record<string, number> = {};
let same = 0;
for (const code of snippets) {
  const ran = await call(tools, "run_python", { code });
  const truth = spawnSync("/usr/bin/python3", ["-I", "-c", NOTEBOOK, code], { encoding: "utf8" });
  const level = String(ran.details["sandbox"]);
  levels[level] = (levels[level] ?? 0) + 1;
  if (truth.status !== 0) console.log(`the host's Python fails: ${code}\n${truth.stderr}`);
  if (ran.details["stdout"] === truth.stdout) same++;
  else console.log(`different: ${code}\n  ours: ${ran.content}\n  Python: ${truth.stdout}`);
}
console.log(
  `${same} of ${snippets.length} snippets give what Python gives (${((same / snippets.length) * 100).toFixed(1)} %)`,
);
for (const [level, count] of Object.entries(levels)) console.log(`  ${level}: ${count}`);
if (same < snippets.length * 0.95) process.exitCode = 1;

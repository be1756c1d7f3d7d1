import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { ToolDefinitionError } from "../../protocol/index.ts";
import { child, children, type Node, nameOf } from "./ast.ts";
import { describeFound, toolError } from "./describe.ts";
import { Project, type SourceFile } from "./file.ts";
import { type FoundFunction, nameOfFunction, signatureOf } from "./find.ts";
import type { FrozenFile, FrozenFunction } from "./frozen.ts";
import { loadParser } from "./parser.ts";

export interface Freezing {
  /** Names of the functions whose schemas were written. */
  frozen: string[];
  /** Functions that can't be tools as they stand, and why; none of them is written. */
  left: { name: string; why: string }[];
}

/**
 * Writes the schemas of the named functions of some sources to a file, so that the built module finds them when its types
 * are gone: for `dist/x.js` the file is `dist/x.tools.json` (of a bundle, all its sources go into one). Runs at build time
 * and loads none of the sources. An exported function that can't be described is an error unless it has no doc comment.
 */
export async function freezeSchemas(files: readonly string[], outFile: string): Promise<Freezing> {
  await loadParser();
  const project = new Project();
  const entries = new Map<string, FrozenFunction | undefined>();
  const left: Freezing["left"] = [];
  for (const path of files) {
    const file = readSource(project, path);
    const exportedNames = exportsOf(file);
    for (const found of file.functions()) {
      const own = nameOfFunction(found) ?? (isDefault(found) ? "default" : undefined);
      if (own === undefined) continue;
      const name = own === "default" ? "default" : own;
      try {
        const described = describeFound(project, file, found, name);
        const signature = signatureOf(children(found.node, "params"), true);
        const key = `${own}(${signature})`;
        const entry: FrozenFunction = { function: own, signature, ...described };
        // Two of one name and one signature can't be told apart when the built code runs.
        const twin = entries.has(key) && JSON.stringify(entries.get(key)) !== JSON.stringify(entry);
        entries.set(key, twin ? undefined : entry);
        if (twin)
          left.push({ name: own, why: `${own} stands in the sources twice with the same parameters` });
      } catch (error) {
        if (!(error instanceof ToolDefinitionError)) throw error;
        const isDocumented = file.docBefore(statementStart(found)) !== undefined;
        if (exportedNames.has(own) && isDocumented && isTopLevel(found)) throw error;
        left.push({ name: own, why: error.message });
      }
    }
  }
  const functions = [...entries.values()].filter((entry) => entry !== undefined);
  const content: FrozenFile = { version: 1, functions };
  writeFileSync(outFile, `${JSON.stringify(content, null, 1)}\n`);
  return { frozen: functions.map((entry) => entry.name), left };
}

function readSource(project: Project, path: string): SourceFile {
  try {
    return project.file(resolve(path));
  } catch (error) {
    throw toolError(error, path);
  }
}

function isDefault({ above }: FoundFunction): boolean {
  return above.at(-1)?.type === "ExportDefaultDeclaration";
}

function isTopLevel({ above }: FoundFunction): boolean {
  return !above.some((node) =>
    /^(?:BlockStatement|ClassBody|ObjectExpression|CallExpression)$/.test(node.type),
  );
}

function statementStart({ node, above }: FoundFunction): number {
  return above[1]?.start ?? node.start;
}

function exportsOf(file: SourceFile): Set<string> {
  const names = new Set<string>();
  for (const statement of children(file.ast, "body")) {
    if (statement.type === "ExportDefaultDeclaration") {
      const declaration = child(statement, "declaration");
      names.add(nameOf(child(declaration, "id")) ?? nameOf(declaration) ?? "default");
    }
    if (statement.type !== "ExportNamedDeclaration") continue;
    const declaration = child(statement, "declaration");
    const nodes: (Node | undefined)[] = [
      child(declaration, "id"),
      ...children(declaration, "declarations").map((item) => child(item, "id")),
    ];
    nodes.push(...children(statement, "specifiers").map((item) => child(item, "local")));
    for (const node of nodes) {
      const name = nameOf(node);
      if (name !== undefined) names.add(name);
    }
  }
  return names;
}

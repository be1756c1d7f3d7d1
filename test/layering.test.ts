import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize, sep } from "node:path";
import { test } from "node:test";

/** Packages and, in `hearth`, rooms, from the ground up: each may import only what stands before it. */
const PACKAGES = ["hearth", "tools", "llama", "runtime", "server", "cli"];
const ROOMS: Record<string, string[]> = {
  hearth: [
    "protocol",
    "schema",
    "formats",
    "engines",
    "turn",
    "context",
    "journal",
    "policy",
    "agent",
    "eval",
  ],
};
/** What a room may take from one above it: types without code. */
const TYPES_ONLY = new Set(["hearth/engines/types.ts", "hearth/formats/types.ts"]);
const MAX_LINES = 400;

const sources = globSync("packages/*/src/**/*.ts").filter((file) => !file.endsWith(".test.ts"));
const all = [
  ...sources,
  ...globSync([
    "packages/*/src/**/*.test.ts",
    "packages/*/test/**/*.ts",
    "{test,scripts,bench,examples}/**/*.ts",
  ]),
];

interface Import {
  from: string;
  to: string;
}

const SPECIFIER =
  /(?:^|\n)\s*(?:import|export)\b[^;'"]*?\bfrom\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/g;

function importsOf(file: string): Import[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(SPECIFIER)].map((match) => ({
    from: file,
    to: resolve(file, (match[1] ?? match[2])!),
  }));
}

/** `packages/hearth/src/turn/ask.ts`, or the package's name for another package. */
function resolve(file: string, specifier: string): string {
  if (specifier.startsWith("."))
    return normalize(join(dirname(file), specifier))
      .split(sep)
      .join("/");
  return specifier;
}

const packageOf = (file: string): string => file.split("/")[1] ?? "";
const roomOf = (file: string): string => {
  const parts = file.split("/");
  return parts.length > 4 ? (parts[3] ?? "") : "";
};

function packageNamed(specifier: string): string | undefined {
  if (specifier === "hearth" || specifier.startsWith("hearth/")) return "hearth";
  return /^@hearth\/([a-z]+)/.exec(specifier)?.[1];
}

test("packages import only packages below them", () => {
  const wrong: string[] = [];
  for (const { from, to } of sources.flatMap(importsOf)) {
    const own = PACKAGES.indexOf(packageOf(from));
    const target = to.startsWith("packages/") ? packageOf(to) : packageNamed(to);
    if (target === undefined) continue;
    if (to.startsWith("packages/") && target !== packageOf(from)) wrong.push(`${from} reaches into ${to}`);
    if (PACKAGES.indexOf(target) > own) wrong.push(`${from} imports ${to}`);
  }
  assert.deepEqual(wrong, []);
});

test("rooms import only rooms below them", () => {
  const wrong: string[] = [];
  for (const { from, to } of sources.flatMap(importsOf)) {
    if (!to.startsWith("packages/")) continue;
    const rooms = ROOMS[packageOf(from)];
    if (
      rooms === undefined ||
      roomOf(from) === "" ||
      TYPES_ONLY.has(`${packageOf(to)}/${to.split("/").slice(3).join("/")}`)
    )
      continue;
    const own = rooms.indexOf(roomOf(from));
    const target = rooms.indexOf(roomOf(to));
    if (own < 0) wrong.push(`${from} stands in no known room`);
    else if (target > own || target < 0) wrong.push(`${from} imports ${to}`);
  }
  assert.deepEqual(wrong, []);
});

test("imports make no circle", () => {
  const graph = new Map(sources.map((file) => [file, importsOf(file).map((edge) => edge.to)]));
  const done = new Set<string>();
  const path: string[] = [];
  const circles: string[] = [];
  const visit = (file: string): void => {
    if (done.has(file)) return;
    const at = path.indexOf(file);
    if (at >= 0) {
      circles.push([...path.slice(at), file].join(" -> "));
      return;
    }
    path.push(file);
    for (const next of graph.get(file) ?? []) if (graph.has(next)) visit(next);
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  assert.deepEqual(circles, []);
});

test(`a hand-written file has at most ${MAX_LINES} lines`, () => {
  const long = all
    .map((file) => ({ file, lines: readFileSync(file, "utf8").split("\n").length - 1 }))
    .filter(({ lines }) => lines > MAX_LINES)
    .map(({ file, lines }) => `${lines} ${file}`);
  assert.deepEqual(long, []);
});

test("no source uses `any` or switches a check off", () => {
  const found: string[] = [];
  for (const file of all) {
    if (file === "test/layering.test.ts") continue;
    for (const [i, line] of readFileSync(file, "utf8").split("\n").entries()) {
      if (
        /(?::|<|\bas)\s*any\b|@ts-(?:ignore|expect-error|nocheck)|biome-ignore/.test(line) &&
        !/^\s*(?:\/?\*|\/\/)/.test(line)
      ) {
        found.push(`${file}:${i + 1} ${line.trim()}`);
      }
    }
  }
  assert.deepEqual(found, []);
});

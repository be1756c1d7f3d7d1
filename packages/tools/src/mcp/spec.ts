import { basename } from "node:path";
import { UsageError } from "hearth";
import type { McpServer } from "./types.ts";
import { splitWords } from "./words.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A server as `--mcp` names it: `[+hints] [NAME=VALUE …] PROGRAM [ARGUMENT …]`, or `[+hints] URL ["Header: value" …]`.
 * Words are split as a shell would; no shell runs. `$NAME` and `${NAME}` in a VALUE or a header's value stand for a variable
 * of Hearth's own environment, so that a secret need not stand in a file.
 * @throws UsageError for what is none
 */
export function parseMcp(line: string, env: Environment = process.env): McpServer {
  const split = splitWords(line);
  if (split === undefined) throw wrong(line, "a quote is not closed");
  const words = split.map((word) => word.text);
  let trustHints = false;
  if (words[0] === "+hints") {
    trustHints = true;
    words.shift();
  }
  const [first = ""] = words;
  const server = /^https?:\/\//i.test(first) ? httpServer(line, words, env) : stdioServer(line, words, env);
  return trustHints ? { ...server, trustHints } : server;
}

function stdioServer(line: string, words: string[], env: Environment): McpServer {
  const own: Record<string, string> = {};
  let at = 0;
  for (; at < words.length; at++) {
    const [, name, value] = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(words[at] ?? "") ?? [];
    if (name === undefined || value === undefined) break;
    own[name] = filled(line, value, env);
  }
  const [program, ...args] = words.slice(at);
  if (program === undefined || program === "") throw wrong(line, "it names no program");
  if (program.startsWith("-") || program.startsWith("+")) throw wrong(line, `"${program}" is no program`);
  return { kind: "stdio", program, args, env: own, name: nameOf(program, args) };
}

/** Programs that only start another: the name of a server is that of what they start. */
const STARTERS = /^(?:npx|bunx|uvx|uv|node|nodejs|bun|deno|python[\d.]*|pipx|docker|podman|sh|bash|env)$/;

/** Names of files and folders that say nothing about what is in them. */
const GENERIC = /^(?:index|main|cli|mod|dist|build|src|lib|bin|out|\.{0,2})$/;

/** `@scope/server-files@1.0` is "server-files", `./tools/time.mjs` is "time", `/x/server-git/dist/index.js` is "server-git". */
function nameOf(program: string, args: readonly string[]): string {
  const starter = basename(program).replace(/\.(?:exe|cmd|bat)$/i, "");
  const plain = STARTERS.test(starter) ? args.find((arg) => !/^-|^(?:run|exec|x)$/.test(arg)) : undefined;
  const parts = (plain ?? starter)
    .split(/[/\\]/)
    .map((part) => part.replace(/(?<=.)@[^/]*$/, "").replace(/\.[A-Za-z]{1,4}$/, ""));
  return parts.findLast((part) => !GENERIC.test(part)) ?? starter;
}

function httpServer(line: string, [first = "", ...rest]: string[], env: Environment): McpServer {
  if (!URL.canParse(first)) throw wrong(line, `"${first}" is no URL`);
  const url = new URL(first);
  if (url.username !== "" || url.password !== "") {
    throw wrong(line, "a user or password stands in the URL; send it as a header instead");
  }
  url.hash = "";
  const headers: Record<string, string> = {};
  for (const word of rest) {
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+)\s*:\s*([^\r\n]*)$/.exec(word) ?? [];
    if (name === undefined || value === undefined) throw wrong(line, `"${word}" is no header`);
    headers[name] = filled(line, value, env);
  }
  return { kind: "http", url: url.href, headers, name: url.hostname };
}

function filled(line: string, value: string, env: Environment): string {
  return value.replace(/\$(?:(\w+)|\{(\w+)\})/g, (_, plain?: string, braced?: string) => {
    const name = plain ?? braced ?? "";
    const found = env[name];
    if (found === undefined || found === "") throw wrong(line, `the variable ${name} is not set`);
    return found;
  });
}

function wrong(line: string, why: string): UsageError {
  const shown = line.length > 60 ? `${line.slice(0, 57)}…` : line;
  // What may be a secret is not repeated: an error ends up in logs.
  const safe = shown.replace(/([=:]\s*)\S+/g, "$1…");
  return new UsageError(`"${safe}" is no MCP server: ${why}.`, {
    remedy: `Write a command, like --mcp "npx -y some-server ARGUMENT", or a URL, like --mcp "https://host/mcp Authorization:…".`,
  });
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "hearth";
import { parseMcp } from "./spec.ts";
import { splitWords } from "./words.ts";

const env = { TOKEN: "s3cret", EMPTY: "" };

const COMMANDS: [string, object][] = [
  ["npx -y server-time", { program: "npx", args: ["-y", "server-time"], name: "server-time" }],
  ["npx -y @scope/server-files@1.2.0 .", { program: "npx", name: "server-files" }],
  [
    "node ./tools/time.mjs --port 1",
    { program: "node", args: ["./tools/time.mjs", "--port", "1"], name: "time" },
  ],
  ["node /x/server-git/dist/index.js a", { program: "node", name: "server-git" }],
  ["node ./index.js", { program: "node", name: "node" }],
  ["/usr/bin/my-server", { program: "/usr/bin/my-server", args: [], name: "my-server" }],
  ["uvx mcp-server-git", { program: "uvx", name: "mcp-server-git" }],
  [`python3 -m "my server" 'a"b' c\\ d ""`, { args: ["-m", "my server", 'a"b', "c d", ""] }],
  ["A=1 KEY=$TOKEN B='x y' srv", { program: "srv", env: { A: "1", KEY: "s3cret", B: "x y" } }],
  [`KEY=pre-\${TOKEN}-post srv`, { env: { KEY: "pre-s3cret-post" } }],
  ["srv $TOKEN *.txt; rm", { program: "srv", args: ["$TOKEN", "*.txt;", "rm"] }],
  ["+hints srv a,b", { trustHints: true, program: "srv", args: ["a,b"] }],
];
for (const [line, expected] of COMMANDS) {
  test(`a command: ${line}`, () => {
    const server = parseMcp(line, env);
    assert.equal(server.kind, "stdio");
    assert.partialDeepStrictEqual(server, expected);
  });
}

const URLS: [string, object][] = [
  ["https://host.example/mcp", { url: "https://host.example/mcp", headers: {}, name: "host.example" }],
  ["HTTP://127.0.0.1:3000#x", { url: "http://127.0.0.1:3000/" }],
  [
    'https://h/m "Authorization: Bearer $TOKEN" X-Team:a',
    { headers: { Authorization: "Bearer s3cret", "X-Team": "a" } },
  ],
  ["+hints https://h/m", { trustHints: true }],
];
for (const [line, expected] of URLS) {
  test(`a URL: ${line}`, () => {
    const server = parseMcp(line, env);
    assert.equal(server.kind, "http");
    assert.partialDeepStrictEqual(server, expected);
  });
}

const WRONG: [string, RegExp][] = [
  ["", /names no program/],
  ["A=1", /names no program/],
  ["srv 'open", /quote is not closed/],
  ["--flag", /no program/],
  ["+hint srv", /no program/],
  ["KEY=$MISSING srv", /variable MISSING is not set/],
  ["KEY=$EMPTY srv", /variable EMPTY is not set/],
  ["https://user:pass@h/m", /stands in the URL/],
  ["https://", /no URL/],
  ["https://h/m nonsense", /no header/],
];
for (const [line, message] of WRONG) {
  test(`refused: ${JSON.stringify(line)}`, () => {
    assert.throws(
      () => parseMcp(line, env),
      (error) => error instanceof UsageError && message.test(error.message),
    );
  });
}

test("a message shows no secret of the command", () => {
  assert.throws(
    () => parseMcp("API_KEY=sk-12345678 'open", env),
    (error: Error) => !error.message.includes("sk-12345678"),
  );
});

test("a backslash in single quotes stays, one before a quote escapes it", () => {
  assert.deepEqual(
    splitWords(String.raw`'a\b' "a\"b\n" a\'b`)?.map((word) => word.text),
    ["a\\b", 'a"b\\n', "a'b"],
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError } from "hearth";
import { dotenvFault, readDotenv } from "./dotenv.ts";

test("a broken .env is refused with its line", () => {
  const broken: [string, number][] = [
    ["A=1\nnonsense\n", 2],
    ["1A=2", 1],
    ["A B=2", 1],
    ['A="open\nB=2\n', 1],
    ["A=1\n\n'x'=2", 3],
    ["A=\0", 1],
  ];
  for (const [content, line] of broken) {
    assert.throws(
      () => readDotenv(content, "/w/.env"),
      (error) =>
        error instanceof ConfigError && error.message.includes(`/w/.env, line ${line}:`) && !!error.remedy,
      JSON.stringify(content),
    );
  }
});

test("what is usual in a .env is read", () => {
  const content = "\uFEFF# note\nexport A=1\nB = two # why\nC='x y'\nD=\"l1\nl2\"\nE=\r\n\nF=a=b\n";
  assert.equal(dotenvFault(content.slice(1)), undefined);
  assert.deepEqual(readDotenv(content, ".env"), { A: "1", B: "two", C: "x y", D: "l1\nl2", E: "", F: "a=b" });
});

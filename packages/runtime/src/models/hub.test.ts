import assert from "node:assert/strict";
import { test } from "node:test";
import { ModelNotFoundError, UsageError } from "hearth";
import { chooseFiles, type HubFile, readHubWish } from "./hub.ts";

test("names of the hub, and names of others", () => {
  assert.deepEqual(readHubWish("hf:org/repo"), { repository: "org/repo" });
  assert.deepEqual(readHubWish("hf:org/repo:Q8_0"), { repository: "org/repo", quant: "Q8_0" });
  assert.deepEqual(readHubWish("hf:org/repo/a.gguf"), { repository: "org/repo", file: "a.gguf" });
  assert.deepEqual(readHubWish("org/repo/Q4/a.gguf"), { repository: "org/repo", file: "Q4/a.gguf" });
  for (const other of ["qwen3:8b", "user/model", "user/model:tag", "hf.co/org/repo", "a.gguf"]) {
    assert.equal(readHubWish(other), undefined, other);
  }
  for (const bad of [
    "hf:",
    "hf:org",
    "hf:../repo",
    "hf:org/repo/../x.gguf",
    "hf:org/repo/more",
    "hf:org/re?po",
  ]) {
    assert.throws(() => readHubWish(bad), UsageError, bad);
  }
});

const file = (path: string): HubFile => ({ path, bytes: 1, sha256: "0" });
const FILES = ["m-Q2_K.gguf", "m-Q4_K_M.gguf", "m-IQ4_XS.gguf", "mmproj-F16.gguf", "README.md"].map(file);
const PARTS = ["big-Q8_0-00001-of-00002.gguf", "big-Q8_0-00002-of-00002.gguf", "big-Q6_K.gguf"].map(file);

test("the file of a quantisation, the usual one where none is named, and all parts of a model in parts", () => {
  const cases: [HubFile[], { file?: string; quant?: string }, string[]][] = [
    [FILES, {}, ["m-Q4_K_M.gguf"]],
    [FILES, { quant: "q2_k" }, ["m-Q2_K.gguf"]],
    [FILES, { file: "m-IQ4_XS.gguf" }, ["m-IQ4_XS.gguf"]],
    [PARTS, {}, PARTS.slice(0, 2).map(({ path }) => path)],
    [PARTS, { quant: "Q6_K" }, ["big-Q6_K.gguf"]],
    [[file("only-F16.gguf")], {}, ["only-F16.gguf"]],
    [[file("Q4_K_M/x.gguf"), file("y.Q4_0.gguf")], { quant: "Q4_0" }, ["y.Q4_0.gguf"]],
  ];
  for (const [files, wish, wanted] of cases) {
    const chosen = chooseFiles(files, { repository: "org/repo", ...wish });
    assert.deepEqual(
      chosen.map(({ path }) => path),
      wanted,
    );
  }
});

test("what is not there is refused with what is", () => {
  const fails = (files: HubFile[], wish: object, message: RegExp, remedy: RegExp): void => {
    assert.throws(
      () => chooseFiles(files, { repository: "org/repo", ...wish }),
      (error) =>
        error instanceof ModelNotFoundError && message.test(error.message) && remedy.test(error.remedy ?? ""),
    );
  };
  fails(FILES, { quant: "Q9" }, /no file of Q9/, /m-Q2_K\.gguf, m-Q4_K_M\.gguf/);
  fails(FILES, { file: "mmproj-F16.gguf" }, /no mmproj/, /hf:org\/repo\/FILE/);
  fails([file("README.md")], {}, /holds no GGUF/, /ends with GGUF/);
  fails([file("a-F16.gguf"), file("b-F32.gguf")], {}, /usual quantisation/, /a-F16/);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { SETTING_KEYS, settingOf } from "@hearth/runtime";
import { UsageError } from "hearth";
import { type Flag, flagsFor } from "./flags.ts";
import { parseFlags } from "./parse.ts";

const OWN: Flag[] = [{ name: "explain", about: "x" }];
const FLAGS = flagsFor(["all", "run"], OWN);
const read = (...args: string[]) => parseFlags(args, FLAGS, "run");

test("flags follow from the table of settings", () => {
  const names = FLAGS.map((flag) => flag.name);
  assert.ok(names.includes("max-steps") && names.includes("unsafe-no-sandbox") && names.includes("help"));
  assert.ok(!names.includes("port") && !names.includes("api-key"));
  assert.equal(new Set(names).size, names.length);
  const shorts = FLAGS.flatMap((flag) => flag.short ?? []);
  assert.equal(new Set(shorts).size, shorts.length);
  assert.ok(SETTING_KEYS.every((key) => settingOf(key).scope !== "none" || !names.includes(key)));
});

test("flags are read wherever they stand, words stay words", () => {
  const parsed = read("--max-steps", "3", "What", "-m", "qwen3", "is here?", "--json", "--explain");
  assert.deepEqual(parsed.positionals, ["What", "is here?"]);
  assert.deepEqual(parsed.settings, [
    { name: "--max-steps", key: "maxSteps", raw: "3" },
    { name: "--model", key: "model", raw: "qwen3" },
    { name: "--json", key: "json", raw: true },
  ]);
  assert.deepEqual([...parsed.own], [["explain", true]]);
});

test("values are given with = or apart, the last one counts, lists gather", () => {
  assert.equal(read("--temperature=-1").settings[0]?.raw, "-1");
  assert.equal(read("--temperature", "-1").settings[0]?.raw, "-1");
  assert.equal(read("--model=a", "--model=b").settings[0]?.raw, "b");
  assert.equal(read("--system=- be brief").settings[0]?.raw, "- be brief");
  assert.deepEqual(read("--tools", "a,b", "--tools", "+edit").settings[0]?.raw, ["a", "b", "+edit"]);
  assert.deepEqual(read("--", "--model", "-x").positionals, ["--model", "-x"]);
  assert.deepEqual(read("-").positionals, ["-"]);
});

test("what is wrong is told with what to do", () => {
  const cases: [string[], RegExp][] = [
    [["--max-step", "3"], /no flag --max-step .*nearest is --max-steps/],
    [["--qqqqqqqqqq"], /no flag --qqqqqqqqqq for hearth run\.$/],
    [["-z"], /no flag -z/],
    [["--model"], /--model needs a value/],
    [["--model", "--json"], /--model needs a value/],
    [["--json=yes"], /--json takes no value/],
    [["--no-json"], /no flag --no-json/],
  ];
  for (const [args, wanted] of cases) {
    assert.throws(
      () => read(...args),
      (error) => error instanceof UsageError && wanted.test(error.message) && !!error.remedy,
      args.join(" "),
    );
  }
});

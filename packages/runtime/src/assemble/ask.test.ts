import assert from "node:assert/strict";
import { test } from "node:test";
import { nobodyLine, personAsked } from "./ask.ts";

const config = (tools: string[], disabledCommands: string[] = []) => ({
  settings: { tools, disabledCommands },
});
const answer = async () => "blue";

test("the model may ask where the settings want it and somebody is there", () => {
  const cases: [tools: string[], disabled: string[], offered: boolean][] = [
    [["+ask"], [], true],
    [["ask_user", "read_file"], [], true],
    [["+edit"], [], false],
    [[], [], false],
    [["+ask"], ["ask_user"], false],
  ];
  for (const [tools, disabled, offered] of cases) {
    const some = config(tools, disabled);
    assert.equal(personAsked(some, answer).askUser !== undefined, offered, tools.join());
    assert.deepEqual(personAsked(some, undefined), {});
    assert.equal(nobodyLine(some, undefined).length, offered ? 1 : 0);
    assert.equal(nobodyLine(some, answer).length, 0);
  }
});

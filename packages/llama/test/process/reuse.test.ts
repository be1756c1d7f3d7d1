import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ask, complete, create, SYSTEM, withModel } from "../with-model.ts";

withModel("a second turn reads only what is new", async ({ engine }) => {
  const first = SYSTEM + ask(`Which files are here? ${"Look carefully. ".repeat(20)}`);
  const one = await complete(engine, { prompt: first });
  const two = await complete(engine, { prompt: `${first}${one.text}<|im_end|>\n${ask("And there?")}` });
  const read = two.usage.input - (two.usage.cached ?? 0);
  assert.ok(read <= 0.1 * two.usage.input, `${read} of ${two.usage.input} tokens were read`);
  const other = await complete(engine, { prompt: first.replace("here", "there") });
  assert.ok((other.usage.cached ?? 0) >= 50 && (other.usage.cached ?? 0) < other.usage.input - 50);
});

withModel(
  "the state of system and tools outlives the process, without what was asked",
  async ({ cache, engine: first }) => {
    let engine = first;
    const secret = "the secret harbour";
    const request = { prompt: SYSTEM + ask(`Is ${secret} here?`), stablePrefixChars: SYSTEM.length };
    const cold = await complete(engine, request);
    await engine.close();
    const [state = ""] = readdirSync(join(cache, "prefix"));
    assert.match(state, /\.state$/);
    const head = await engine.countTokens("pocket", SYSTEM);
    const bytes = readFileSync(join(cache, "prefix", state));
    const tokens = new Int32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + 16));
    assert.equal(tokens[2], head, "the state holds other tokens than the head's");
    engine = create(cache);
    const warm = await complete(engine, request);
    assert.equal(cold.usage.cached, 0);
    assert.ok((warm.usage.cached ?? 0) >= head - 1, JSON.stringify(warm.usage));
    assert.equal(warm.text, cold.text);
    await engine.close();
  },
);

withModel("a damaged state is dropped, and the answer is the same", async ({ cache, engine: first }) => {
  let engine = first;
  const request = { prompt: SYSTEM + ask("Which files are here?"), stablePrefixChars: SYSTEM.length };
  const good = await complete(engine, request);
  await engine.close();
  const folder = join(cache, "prefix");
  const [state = ""] = readdirSync(folder);
  const bytes = readFileSync(join(folder, state));
  bytes.fill(0x5a, 1000, 2000);
  writeFileSync(join(folder, state), bytes);
  engine = create(cache);
  const again = await complete(engine, request);
  assert.equal(again.usage.cached, 0);
  assert.equal(again.text, good.text);
  await engine.close();
  assert.equal(readdirSync(folder).filter((name) => name.endsWith(".state")).length, 1);
  await engine.close();
});

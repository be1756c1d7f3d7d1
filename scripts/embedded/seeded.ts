/** Runs with chance in them: whatever the seed, a call that comes out has to parse and fit its tool's schema. */

import type { EmbeddedEngine } from "@hearth/llama";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { ToolSchema } from "hearth";
import { ask, userSays } from "./pocket.ts";

export interface Seeded {
  runs: number;
  calls: number;
  sentences: number;
  faults: string[];
}

/**
 * `runs` generations over the requests in turn, each with the tools it is for, at temperatures from 0.4 to 1.2, seeds 1, 2, 3 …
 * A text that opens a call, or says nothing, is a fault unless it is one whole call that its schema accepts.
 */
export async function seededRuns<Asked extends { request: string }>(
  engine: EmbeddedEngine,
  asked: readonly Asked[],
  toolsOf: (one: Asked) => ToolSchema[],
  runs: number,
): Promise<Seeded> {
  const ajv = new Ajv2020({ strictTypes: false });
  const out: Seeded = { runs, calls: 0, sentences: 0, faults: [] };
  for (let run = 0; run < runs; run++) {
    const one = asked[run % asked.length];
    if (one === undefined) break;
    const tools = toolsOf(one);
    const temperature = [0.4, 0.7, 1, 1.2][Math.floor(run / asked.length) % 4] ?? 1;
    const said = await ask(engine, userSays(one.request), tools, "pointed", { temperature, seed: run + 1 });
    if (said.call === undefined && !said.text.includes("<tool_call>") && said.text.trim() !== "") {
      out.sentences++;
      continue;
    }
    out.calls++;
    const schema = tools.find(({ name }) => name === said.call?.name)?.parameters;
    const fits = schema !== undefined && ajv.validate(schema, said.call?.arguments);
    if (said.calls !== 1 || said.content.trim() !== "" || !fits)
      out.faults.push(
        `${one.request} (seed ${run + 1}, temperature ${temperature}) → ${JSON.stringify(said.text)}`,
      );
  }
  return out;
}

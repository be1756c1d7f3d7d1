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

/** `runs` generations over the requests in turn, at temperatures from 0.4 to 1.2, seeds 1, 2, 3 … */
export async function seededRuns(
  engine: EmbeddedEngine,
  requests: readonly string[],
  tools: ToolSchema[],
  runs: number,
): Promise<Seeded> {
  const ajv = new Ajv2020();
  const validators = new Map(tools.map((tool) => [tool.name, ajv.compile(tool.parameters)]));
  const out: Seeded = { runs, calls: 0, sentences: 0, faults: [] };
  for (let run = 0; run < runs; run++) {
    const request = requests[run % requests.length] ?? "";
    const temperature = [0.4, 0.7, 1, 1.2][Math.floor(run / requests.length) % 4] ?? 1;
    const said = await ask(engine, userSays(request), tools, "pointed", { temperature, seed: run + 1 });
    if (said.call === undefined && !said.text.includes("<tool_call>") && said.text.trim() !== "") {
      out.sentences++;
      continue;
    }
    out.calls++;
    const validate = validators.get(said.call?.name ?? "");
    if (said.calls !== 1 || said.content.trim() !== "" || validate?.(said.call?.arguments) !== true)
      out.faults.push(
        `${request} (seed ${run + 1}, temperature ${temperature}) → ${JSON.stringify(said.text)}`,
      );
  }
  return out;
}

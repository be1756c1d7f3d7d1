import { embedded } from "@hearth/llama";
import { isUsable, lookAround, places } from "@hearth/runtime";
import type { ModelInfo } from "hearth";
import type { CommandContext } from "../command.ts";
import { plain } from "../terminal/plain.ts";

/** Models of the servers found on this machine, then those of the embedded engine. */
export async function run({ config, out, signal }: CommandContext): Promise<number> {
  const { settings } = config();
  const [servers, own] = await Promise.all([
    lookAround(places(settings), signal),
    embedded().engine.models(signal),
  ]);
  const rows = [
    ...servers.flatMap(({ name, models }) => models.map((model) => row(name, model))),
    ...own.map((model) => row("embedded", model)),
  ];
  for (const { name, problem } of servers) if (problem !== undefined) out.note(`hearth: ${name}: ${problem}`);
  if (settings.json) {
    for (const one of rows) await out.json(one);
    return 0;
  }
  const width = (of: (one: Row) => string): number => Math.max(...rows.map((one) => of(one).length));
  const [engineWidth, nameWidth] = [width(({ engine }) => engine), width(({ name }) => name)];
  for (const { engine, name, tools, maxContextTokens, bytes } of rows) {
    const facts = [
      tools ? "tools" : "no tools",
      ...(maxContextTokens === undefined ? [] : [`${maxContextTokens} tokens`]),
      ...(bytes === undefined ? [] : [`${(bytes / 1e9).toFixed(1)} GB`]),
    ];
    await out.line(plain(`${engine.padEnd(engineWidth)}  ${name.padEnd(nameWidth)}  ${facts.join(", ")}`));
  }
  return 0;
}

interface Row {
  engine: string;
  name: string;
  /** Whether it can call tools, as far as is known. */
  tools: boolean;
  maxContextTokens?: number;
  loadedContextTokens?: number;
  bytes?: number;
}

function row(engine: string, model: ModelInfo): Row {
  const { name, maxContextTokens, loadedContextTokens, bytes } = model;
  return {
    engine,
    name,
    tools: isUsable(model),
    ...(maxContextTokens === undefined ? {} : { maxContextTokens }),
    ...(loadedContextTokens === undefined ? {} : { loadedContextTokens }),
    ...(bytes === undefined ? {} : { bytes }),
  };
}

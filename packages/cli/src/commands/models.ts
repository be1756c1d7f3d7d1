import { embedded } from "@hearth/llama";
import { isUsable, lookAround, places, roomForModels } from "@hearth/runtime";
import type { ModelInfo } from "hearth";
import type { CommandContext } from "../command.ts";
import { plain } from "../terminal/plain.ts";
import { showGuide } from "./guide.ts";

/** Models of the servers found on this machine, then those of the embedded engine; with --guide those that are recommended. */
export async function run(context: CommandContext): Promise<number> {
  const { args, config, out, signal } = context;
  const { settings } = config();
  const fits = args.own.has("fits");
  if (args.own.has("guide")) return showGuide(context, settings.json, fits);
  const [servers, own] = await Promise.all([
    lookAround(places(settings), signal),
    embedded().engine.models(signal),
  ]);
  const room = roomForModels().total;
  const all = [
    ...servers.flatMap(({ name, models }) => models.map((model) => row(name, model))),
    ...own.map((model) => row("embedded", model)),
  ];
  const rows = fits ? all.filter(({ bytes = 0 }) => bytes * BESIDE <= room) : all;
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

/** Cache and computing beside the weights, where only the file's size is known. */
const BESIDE = 1.2;

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

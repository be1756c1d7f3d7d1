import { type Config, connect, isLoopback } from "@hearth/runtime";
import type { Engine } from "hearth";
import type { Log } from "../operations/index.ts";
import { Upstreams } from "./upstreams.ts";

/** Says in the log that an engine is left alone, and that it is well again. */
export const tellHealth =
  (log: Log) =>
  (engine: string, failure: Error | undefined): void =>
    failure === undefined
      ? log.write("info", "the engine answers again", { engine })
      : log.write("warn", "the engine fails and is left alone for a while", {
          engine,
          reason: failure.message,
        });

export interface FirstEngine {
  /** What people call it: `ollama`, or its address. */
  name: string;
  engine: Engine;
}

/**
 * The engine of the service: the first and those of `--also-engine` as one. The first itself where it is alone on this machine, for then
 * there is nothing to choose, and a connection that fails does so at once.
 */
export async function upstreamsOf(
  config: Config,
  first: FirstEngine,
  changed: (name: string, failure: Error | undefined) => void,
  signal?: AbortSignal,
): Promise<Engine> {
  const { alsoEngine, fallback } = config.settings;
  const isAlone = alsoEngine.length === 0 && fallback.length === 0;
  if (isAlone && (!URL.canParse(first.engine.address) || isLoopback(first.engine.address)))
    return first.engine;
  const engines: FirstEngine[] = [];
  try {
    add(engines, first);
    for (const engine of alsoEngine) {
      const settings = { ...config.settings, engine, model: undefined, wire: "auto" as const };
      const { ref, name } = await connect({ ...config, settings }, { signal });
      add(engines, { name, engine: ref.engine });
    }
    return new Upstreams({ engines, fallback, changed });
  } catch (error) {
    await Promise.all(engines.map(({ engine }) => engine.close()));
    throw error;
  }
}

/** Names stand in front of a slash: of an address its host and port are enough, and each is there once. */
function add(engines: FirstEngine[], { name, engine }: FirstEngine): void {
  const short = URL.canParse(name) ? new URL(name).host : name;
  const taken = engines.filter((one) => one.name === short || one.name.startsWith(`${short}#`)).length;
  engines.push({ name: taken === 0 ? short : `${short}#${taken + 1}`, engine });
}

import { type DownloadProgress, embedded } from "@hearth/llama";
import { ModelNotFoundError, type ModelRef } from "hearth";
import { type Config, engineRoot, isLoopback, isServerName, nearest, placed } from "../config/index.ts";
import { choose, readModelWish } from "./choose.ts";
import { engineAt, type FoundServer, lookAround, type Place, places, usualAddress } from "./servers.ts";
import { likelyWire, recognise, type Wire } from "./wire.ts";

/** An engine and a model, chosen. */
export interface Connection {
  ref: ModelRef;
  /** `embedded`, `ollama`, `lmstudio`, …, or the address of a URL: for people. */
  name: string;
  /** What the user should know about the choice. */
  notices: readonly string[];
}

/** Effects, as arguments: tests look at no port. */
export interface ConnectEffects {
  lookAround(list: readonly Place[], signal?: AbortSignal): Promise<FoundServer[]>;
  recognise: typeof recognise;
  embedded(options: { model?: string; onProgress?: (progress: DownloadProgress) => void }): ModelRef;
}

export interface ConnectOptions {
  signal?: AbortSignal | undefined;
  /** Told while the embedded engine's model is downloaded. */
  onDownload?: ((progress: DownloadProgress) => void) | undefined;
  effects?: ConnectEffects;
}

const REAL: ConnectEffects = { lookAround, recognise, embedded };

/**
 * Chooses engine and model from the settings. An engine that was named is taken as it is, without asking whether it is there:
 * the run then says so in its log. `auto` looks on this machine only, and ends at the embedded engine.
 * @throws ModelNotFoundError where `auto` is to find a model by name and no engine here has it
 */
export async function connect(
  config: Pick<Config, "settings" | "origins" | "folder" | "paths">,
  options: ConnectOptions = {},
): Promise<Connection> {
  const { signal, effects = REAL } = options;
  const { settings, origins } = config;
  const wish = readModelWish(settings.model);
  let engine = settings.engine;
  let model = settings.model;
  if (engine === "auto" || engine === "embedded") {
    if (wish.kind === "file") {
      const file = placed(wish.file, { folder: config.folder, home: config.paths.home });
      return inProcess(embeddedRef(file, options));
    }
    if (wish.kind === "engine" && engine === "auto") ({ engine, name: model } = wish);
    else if (wish.kind === "engine" && wish.engine === "embedded") model = wish.name;
  } else if (wish.kind === "engine" && wish.engine === engine) model = wish.name;

  if (engine === "embedded") return inProcess(embeddedRef(model, options));
  if (engine !== "auto") {
    const address = isServerName(engine) ? usualAddress(engine, settings) : engineRoot(engine);
    const named = isServerName(engine) ? (engine === "ollama" ? "ollama" : "openai") : undefined;
    // A key is the user's: it goes where the user sends it, never where a workspace's file points.
    const apiKey = origins.engine.trusted && origins.model.trusted ? settings.apiKey : undefined;
    const wire =
      settings.wire === "auto" ? (named ?? (await wireOf(engine, apiKey, effects, signal))) : settings.wire;
    return {
      ref: refOf(engineAt(wire, address, { apiKey }), model),
      name: isServerName(engine) ? engine : address,
      notices: unencrypted(address, apiKey),
    };
  }
  return automatic(config, model, options);
}

function embeddedRef(model: string | undefined, { effects = REAL, onDownload }: ConnectOptions): ModelRef {
  return effects.embedded({
    ...(model === undefined ? {} : { model }),
    ...(onDownload === undefined ? {} : { onProgress: onDownload }),
  });
}

function inProcess(ref: ModelRef): Connection {
  return { ref, name: "embedded", notices: [] };
}

function refOf(engine: ModelRef["engine"], model: string | undefined): ModelRef {
  return model === undefined ? { engine } : { engine, model };
}

async function wireOf(
  address: string,
  apiKey: string | undefined,
  effects: ConnectEffects,
  signal: AbortSignal | undefined,
): Promise<Wire> {
  const seen = await effects.recognise(address, { apiKey, signal });
  signal?.throwIfAborted();
  return seen?.wire ?? likelyWire(address);
}

function unencrypted(address: string, apiKey: string | undefined): string[] {
  if (apiKey === undefined || isLoopback(address) || address.startsWith("https:")) return [];
  return [`The key goes to ${address} unencrypted; use https if it can.`];
}

async function automatic(
  { settings, origins }: Pick<Config, "settings" | "origins">,
  model: string | undefined,
  options: ConnectOptions,
): Promise<Connection> {
  const { signal, effects = REAL } = options;
  const list = places(settings).map(({ apiKey, ...place }) =>
    apiKey !== undefined && origins["openai.url"].trusted ? { ...place, apiKey } : place,
  );
  const found = await effects.lookAround(list, signal);
  signal?.throwIfAborted();
  const notices = elsewhere(settings);
  const choice = choose(found, model);
  if (choice !== undefined) {
    const { server } = choice;
    const engine = engineAt(server.wire, server.address, { apiKey: server.apiKey });
    return { ref: refOf(engine, choice.model), name: server.name, notices };
  }
  const ref = embeddedRef(model, options);
  if (model !== undefined) await ensureKnown(ref, model, found, signal);
  for (const { name, address, problem } of found) {
    const why = problem === undefined ? "it has no model that can call tools" : problem;
    notices.push(`${name} at ${address} is not used: ${why}`);
  }
  return { ref, name: "embedded", notices };
}

/** Engines that were named but that `auto` does not use. */
function elsewhere(settings: Config["settings"]): string[] {
  return (["ollama.url", "openai.url"] as const).flatMap((key) => {
    const address = settings[key];
    if (address === undefined || isLoopback(address)) return [];
    return [`${address} is on another machine, which auto never chooses; --engine ${address} does.`];
  });
}

/** The embedded engine knows models on disk; a name that it does not know either is known to nobody. */
async function ensureKnown(
  ref: ModelRef,
  model: string,
  found: readonly FoundServer[],
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await ref.engine.describe(model, signal);
  } catch (error) {
    if (!(error instanceof ModelNotFoundError)) throw error;
    const names = found.flatMap((server) => server.models.map(({ name }) => name.replace(/:latest$/, "")));
    const near = nearest(model, names);
    const asked =
      found.length === 0 ? "No server answers here" : `Asked: ${found.map(({ name }) => name).join(", ")}`;
    throw new ModelNotFoundError(`No engine on this machine has the model "${model}".`, {
      remedy: `${asked}${near?.close ? `; the nearest name is ${near.name}` : ""}. \`hearth models\` lists all; \`ollama pull ${model}\` may fetch it.`,
      cause: error,
    });
  }
}

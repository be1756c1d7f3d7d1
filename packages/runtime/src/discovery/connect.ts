import { existsSync } from "node:fs";
import { isAbsolute } from "node:path";
import {
  type DownloadProgress,
  embedded,
  findLlama,
  findLocalModels,
  type LocalModel,
  POCKET,
} from "@hearth/llama";
import { ModelNotFoundError, type ModelRef } from "hearth";
import { type Config, engineRoot, isLoopback, isServerName, nearest, placed } from "../config/index.ts";
import { bestPick, type Room, roomForModels } from "../models/index.ts";
import { choose, readModelWish } from "./choose.ts";
import { bestLocal, type LocalChoice } from "./on-disk.ts";
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
  localModels(): Promise<LocalModel[]>;
  room(): Room;
  /** Whether the embedded engine computes on a GPU; `undefined` where its native part is missing. */
  gpu(): boolean | undefined;
}

export interface ConnectOptions {
  signal?: AbortSignal | undefined;
  /** Told while the embedded engine's model is downloaded. */
  onDownload?: ((progress: DownloadProgress) => void) | undefined;
  effects?: ConnectEffects;
}

const REAL: ConnectEffects = {
  lookAround,
  recognise,
  embedded,
  localModels: () => findLocalModels(),
  room: roomForModels,
  gpu() {
    const native = findLlama();
    return "missing" in native ? undefined : native.gpu !== false;
  },
};

/**
 * Chooses engine and model from the settings. An engine that was named is taken as it is, without asking whether it is there:
 * the run then says so in its log. `auto` looks on this machine only: a server with a model that calls tools, else the best model
 * file on disk that fits the memory, else the pocket model; a line says which of the last two and how to get better.
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
      // Models of other programs may be named like paths: `org/repo/file.gguf`.
      const there = existsSync(file) || isAbsolute(wish.file);
      return inProcess(embeddedRef(there ? file : await fileOrName(wish.file, file, effects), options));
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

/** The name of a model on disk where there is one, else the path that is to be complained about. */
async function fileOrName(name: string, file: string, effects: ConnectEffects): Promise<string> {
  const known = await effects.localModels();
  return known.some((model) => model.name.toLowerCase() === name.toLowerCase()) ? name : file;
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
  if (model === undefined) {
    const local = await onDisk(effects);
    const passed = found.map(whyNot);
    return {
      ref: embeddedRef(local?.model.name, options),
      name: "embedded",
      notices: [...notices, ...passed, local === undefined ? pocketLine(effects) : localLine(local)],
    };
  }
  const ref = embeddedRef(model, options);
  await ensureKnown(ref, model, found, signal);
  return { ref, name: "embedded", notices: [...notices, ...found.map(whyNot)] };
}

function whyNot({ name, address, problem }: FoundServer): string {
  return `${name} at ${address} is not used: ${problem ?? "it has no model that can call tools"}`;
}

/** The best model file that this machine holds; none where nothing could run it. */
export async function onDisk(
  effects: Pick<ConnectEffects, "gpu" | "localModels" | "room"> = REAL,
): Promise<LocalChoice | undefined> {
  const gpu = effects.gpu();
  return gpu === undefined ? undefined : bestLocal(await effects.localModels(), effects.room().now, gpu);
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

/** What is used where no server here will do, in one line. */
export function localLine({ model, needs }: LocalChoice): string {
  return `Using ${model.name} (${model.source}'s file, about ${gigabytes(needs.total)} of memory), as no server here has a model that calls tools; \`hearth models\` lists others for -m.`;
}

export function pocketLine(effects: Pick<ConnectEffects, "room"> = REAL): string {
  return `Using ${POCKET}, a very small model for simple requests about files; ${betterLine(effects)}.`;
}

/** The better model that this machine can hold, and how to get it. */
export function betterLine({ room }: Pick<ConnectEffects, "room"> = REAL): string {
  const better = bestPick(room().total);
  return better === undefined
    ? "`hearth models --guide` names better ones"
    : `with Ollama this machine can run ${better.title} (\`hearth pull ${better.name}\`)`;
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

import { type Engine, type ModelInfo, ollama, openai } from "hearth";
import {
  ENGINE_PORTS,
  engineRoot,
  isLoopback,
  SERVER_NAMES,
  type ServerName,
  type Settings,
} from "../config/index.ts";
import { ANSWER_MS, CONNECT_MS } from "./ask.ts";
import { recognise, type Wire } from "./wire.ts";

/** An address where an engine may be. */
export interface Place {
  /** Who is expected there; `openai` for an address from `OPENAI_BASE_URL`. */
  name: ServerName | "openai";
  /** Without the path of a wire. */
  address: string;
  apiKey?: string;
}

/** A server that answered. */
export interface FoundServer extends Place {
  wire: Wire;
  version?: string;
  models: readonly ModelInfo[];
  /** Why its models could not be listed. */
  problem?: string;
}

const WIRES: Readonly<Record<Wire, typeof ollama | typeof openai>> = { ollama, openai };

export interface EngineOptions {
  apiKey?: string | undefined;
  /** Answers soon or not at all: for a look around, not for work. */
  probing?: boolean;
}

/** The engine that speaks this wire at this address. Connects when first used. */
export function engineAt(wire: Wire, address: string, { apiKey, probing }: EngineOptions = {}): Engine {
  return WIRES[wire](undefined, {
    url: address,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(probing && isLoopback(address) ? { connectTimeoutMs: CONNECT_MS, idleTimeoutMs: ANSWER_MS } : {}),
  }).engine;
}

/** Where to look, best first: what the user's environment names, then the usual ports. Only on this machine. */
export function places(settings: Pick<Settings, "ollama.url" | "openai.url" | "apiKey">): Place[] {
  const openaiUrl = settings["openai.url"];
  const named: Place[] = [];
  if (openaiUrl !== undefined && isLoopback(openaiUrl)) {
    named.push({
      name: "openai",
      address: engineRoot(openaiUrl),
      ...(settings.apiKey === undefined ? {} : { apiKey: settings.apiKey }),
    });
  }
  const usual = SERVER_NAMES.map((name): Place => ({ name, address: usualAddress(name, settings) }));
  const all = [...named, ...usual.filter(({ address }) => isLoopback(address))];
  return all.filter((place, i) => all.findIndex(({ address }) => address === place.address) === i);
}

/** Where a server of this name is: what `OLLAMA_HOST` says, else its usual port here. */
export function usualAddress(name: ServerName, settings: Pick<Settings, "ollama.url">): string {
  const said = name === "ollama" ? settings["ollama.url"] : undefined;
  return said === undefined ? `http://127.0.0.1:${ENGINE_PORTS[name]}` : engineRoot(said);
}

/** What is at a place, with its models; `undefined` where nothing we know answers. */
export async function lookAt(place: Place, signal?: AbortSignal): Promise<FoundServer | undefined> {
  const seen = await recognise(place.address, { apiKey: place.apiKey, signal });
  if (seen === undefined) return undefined;
  const found: FoundServer = { ...place, ...seen, models: [] };
  const engine = engineAt(seen.wire, place.address, { apiKey: place.apiKey, probing: true });
  try {
    found.models = await engine.models(signal);
  } catch (error) {
    found.problem = error instanceof Error ? error.message : String(error);
  } finally {
    await engine.close();
  }
  return found;
}

/** All places at the same time; those that answered, in the order given. */
export async function lookAround(list: readonly Place[], signal?: AbortSignal): Promise<FoundServer[]> {
  const all = await Promise.all(list.map((place) => lookAt(place, signal)));
  return all.filter((found) => found !== undefined);
}

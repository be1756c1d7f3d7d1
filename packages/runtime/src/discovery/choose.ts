import type { ModelInfo } from "hearth";
import { ENGINE_WORDS, isCloudModel } from "../config/index.ts";
import type { FoundServer } from "./servers.ts";

/** The first server and model that do; `undefined` where none does. */
export interface Choice {
  server: FoundServer;
  model: string;
}

/** Names of models that only embed, rank, hear or speak, where the server does not say what its models can. */
const NO_CHAT = /embed|rerank|whisper|(^|[-_/])(tts|bge|e5|gte)([-_]|$)/i;

/** Whether a model can call tools, as far as is known, and runs on this machine. */
export function isUsable({ name, capabilities }: ModelInfo): boolean {
  if (isCloudModel(name)) return false;
  return capabilities === undefined ? !NO_CHAT.test(name) : capabilities.includes("tools");
}

/** Without a name: the first server with a usable model, and that model. With one: the first server that has it. A pure function. */
export function choose(found: readonly FoundServer[], model: string | undefined): Choice | undefined {
  for (const server of found) {
    const hit =
      model === undefined
        ? server.models.find(isUsable)
        : server.models.find(({ name }) => isNamed(name, model));
    if (hit !== undefined) return { server, model: hit.name };
  }
  return undefined;
}

/** `qwen3` is `qwen3:latest`; capitals don't count. */
function isNamed(name: string, asked: string): boolean {
  const plain = (text: string): string => text.toLowerCase().replace(/:latest$/, "");
  return plain(name) === plain(asked);
}

/** What `-m` says: `ENGINE/NAME`, a file, or a name. Names with a slash of their own are left whole. */
export type ModelWish =
  | { kind: "any" }
  | { kind: "name"; name: string }
  | { kind: "file"; file: string }
  | { kind: "engine"; engine: string; name: string | undefined };

export function readModelWish(model: string | undefined): ModelWish {
  if (model === undefined) return { kind: "any" };
  const slash = model.indexOf("/");
  const head = model.slice(0, Math.max(0, slash)).toLowerCase();
  if (slash > 0 && head !== "auto" && ENGINE_WORDS.includes(head)) {
    return { kind: "engine", engine: head, name: model.slice(slash + 1) || undefined };
  }
  if (/\.gguf$/i.test(model)) return { kind: "file", file: model };
  return { kind: "name", name: model };
}

import { engineRoot, isLoopback } from "../config/index.ts";
import { type AskOptions, askServer } from "./ask.ts";

/** What a server speaks. On Ollama its own wire is used, though it speaks OpenAI's too: only there it takes the window's size. */
export type Wire = "ollama" | "openai";

export interface Recognised {
  wire: Wire;
  /** Ollama's version. */
  version?: string;
}

/**
 * Asks an address what it speaks; `undefined` where nothing we know answers. Some servers answer every path with 200 (LM Studio)
 * or carry a few paths of Ollama (llama-server), so only `/api/version` with a version in it counts for Ollama.
 */
export async function recognise(
  address: string,
  { apiKey, signal }: { apiKey?: string | undefined; signal?: AbortSignal | undefined } = {},
): Promise<Recognised | undefined> {
  const root = engineRoot(address);
  const options: AskOptions = { loopback: isLoopback(root), signal };
  if (apiKey !== undefined) options.headers = { authorization: `Bearer ${apiKey}` };
  const [version, models] = await Promise.all([
    askServer(`${root}/api/version`, options),
    askServer(`${root}/v1/models`, options),
  ]);
  if (version?.status === 200 && typeof version.json?.["version"] === "string") {
    return { wire: "ollama", version: version.json["version"] };
  }
  if (models === undefined) return undefined;
  const lists = models.status === 200 && Array.isArray(models.json?.["data"]);
  const wantsKey = models.status === 401 || models.status === 403;
  // llama-server answers 503 while it loads its model.
  const loading = models.status === 503 && models.json?.["error"] !== undefined;
  return lists || wantsKey || loading ? { wire: "openai" } : undefined;
}

/** What an address most likely speaks, where it can't be asked. */
export function likelyWire(address: string): Wire {
  return /:11434(\/|$)/.test(address) || /\/api$/.test(address) ? "ollama" : "openai";
}

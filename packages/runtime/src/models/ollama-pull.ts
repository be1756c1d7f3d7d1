import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { DownloadProgress } from "@hearth/llama";
import { DownloadError, EngineUnreachableError, isObject, type JsonObject, ModelNotFoundError } from "hearth";

export interface OllamaPullOptions {
  /** The server's root, without `/api`. */
  address: string;
  onProgress?: (progress: DownloadProgress) => void;
  /** Told of each step that has no size: `pulling manifest`, `verifying sha256 digest`. */
  onStatus?: (status: string) => void;
  signal?: AbortSignal;
}

/**
 * Lets an Ollama server fetch a model (`POST /api/pull`, a line of JSON a step). The server resumes and checks its downloads.
 * @throws EngineUnreachableError, ModelNotFoundError, DownloadError
 */
export async function pullByOllama(name: string, options: OllamaPullOptions): Promise<void> {
  const { address, signal } = options;
  let response: Response;
  try {
    response = await fetch(`${address}/api/pull`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      // Servers before 0.3 know `name` only.
      body: JSON.stringify({ model: name, name, stream: true }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw new EngineUnreachableError(`Ollama does not answer at ${address}.`, {
      remedy:
        "Start it (`ollama serve`; ollama.com has it), or fetch a file: `hearth pull hf:ORG/REPO:Q4_K_M`.",
      cause: error,
    });
  }
  const seen = new Map<string, DownloadProgress>();
  let status = "";
  try {
    const lines = response.body === null ? [] : createInterface({ input: Readable.fromWeb(response.body) });
    for await (const line of lines) {
      const said = objectOf(line);
      if (said === undefined) continue;
      if (typeof said["error"] === "string") throw refused(name, said["error"]);
      const digest = said["digest"];
      const total = said["total"];
      if (typeof digest === "string" && typeof total === "number") {
        const completed = said["completed"];
        seen.set(digest, { totalBytes: total, receivedBytes: typeof completed === "number" ? completed : 0 });
        options.onProgress?.(summed(seen));
      } else if (typeof said["status"] === "string" && said["status"] !== status)
        options.onStatus?.(said["status"]);
      if (typeof said["status"] === "string") status = said["status"];
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof DownloadError || error instanceof ModelNotFoundError) throw error;
    throw broken(name, error);
  }
  if (!response.ok) throw refused(name, `status ${response.status}`);
  if (status !== "success") throw broken(name);
}

function broken(name: string, cause?: unknown): DownloadError {
  return new DownloadError(`Ollama's download of ${name} broke off.`, {
    remedy: "Try again: it goes on where it stopped.",
    ...(cause === undefined ? {} : { cause }),
  });
}

function refused(name: string, why: string): Error {
  if (/not (found|exist)|file does not exist|invalid model name/i.test(why)) {
    return new ModelNotFoundError(`Ollama's library has no ${name} (${why}).`, {
      remedy: "`hearth models --guide` names some; a file of the hub is hf:ORG/REPO:Q4_K_M.",
    });
  }
  return new DownloadError(`Ollama could not fetch ${name}: ${why}.`, { remedy: "Look into Ollama's log." });
}

function summed(layers: ReadonlyMap<string, DownloadProgress>): DownloadProgress {
  const sum = { receivedBytes: 0, totalBytes: 0 };
  for (const { receivedBytes, totalBytes } of layers.values()) {
    sum.receivedBytes += receivedBytes;
    sum.totalBytes += totalBytes;
  }
  return sum;
}

function objectOf(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

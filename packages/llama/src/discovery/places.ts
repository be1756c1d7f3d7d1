import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { PULLED } from "../folders.ts";

/** A file that may be a model. */
export interface Candidate {
  name: string;
  source: string;
  file: string;
  /** The further files of a model in parts. */
  parts?: string[];
}

/** What the search depends on; all of it from the process where left out. */
export interface Places {
  home?: string;
  env?: Readonly<Record<string, string | undefined>>;
  memoryBytes?: number;
}

const MAX_DEPTH = 5;
const MAX_FILES = 500;
const MAX_FOLDERS = 5000;
const MODEL_LAYER = "application/vnd.ollama.image.model";

/** All GGUF files in the places where other programs keep theirs. Places that are missing or unreadable count as empty. */
export async function candidates(places: Places): Promise<Candidate[]> {
  const home = places.home ?? homedir();
  const env = places.env ?? process.env;
  const lists = await Promise.all([
    pulled(env, home),
    ollama(env["OLLAMA_MODELS"] ?? join(home, ".ollama", "models")),
    // The folder of Ollama's Linux service; often not ours to read.
    places.home === undefined ? ollama("/usr/share/ollama/.ollama/models") : [],
    lmStudio(home),
    huggingFace(env, home),
    flat(env["LLAMA_CACHE"] ?? join(home, ".cache", "llama.cpp"), "llama.cpp"),
    flat(join(home, ".node-llama-cpp", "models"), "node-llama-cpp"),
  ]);
  return lists.flat().slice(0, MAX_FILES);
}

/** Files below a folder whose names end so, with their paths below it. Links to folders are not followed. */
async function filesBelow(folder: string, ending: string): Promise<string[]> {
  const found: string[] = [];
  let folders = 0;
  const walk = async (below: string, depth: number): Promise<void> => {
    if (depth > MAX_DEPTH || folders++ > MAX_FOLDERS) return;
    const entries = await readdir(join(folder, below), { withFileTypes: true }).catch(() => []);
    for (const entry of entries.sort((a, b) => a.name.localeCompare(b.name))) {
      const path = join(below, entry.name);
      if (entry.isDirectory()) await walk(path, depth + 1);
      else if (entry.name.endsWith(ending) && found.length < MAX_FILES) found.push(path);
    }
  };
  await walk("", 0);
  return found;
}

/** Models in several files are named by the first; the others are its parts. */
function whole(
  folder: string,
  files: readonly string[],
  source: string,
  name: (file: string) => string,
): Candidate[] {
  const known = new Set(files);
  return files.flatMap((file) => {
    const split = /-(\d{5})-of-(\d{5})\.gguf$/.exec(file);
    if (split === null) return [{ name: name(file), source, file: join(folder, file) }];
    if (split[1] !== "00001") return [];
    const parts = Array.from({ length: Number(split[2]) - 1 }, (_, i) =>
      file.replace(/-\d{5}-of-/, `-${String(i + 2).padStart(5, "0")}-of-`),
    );
    // A download that is not complete.
    if (!parts.every((part) => known.has(part))) return [];
    return [
      { name: name(file), source, file: join(folder, file), parts: parts.map((part) => join(folder, part)) },
    ];
  });
}

/** What `hearth pull` has brought: `ORG/REPO/FILE` below the models folder. */
async function pulled(env: Readonly<Record<string, string | undefined>>, home: string): Promise<Candidate[]> {
  const cache = env["XDG_CACHE_HOME"] ?? join(home, ".cache");
  const folder = join(cache, "hearth", "models", PULLED);
  return whole(folder, await filesBelow(folder, ".gguf"), "hearth", (file) => file.split("\\").join("/"));
}

async function flat(folder: string, source: string): Promise<Candidate[]> {
  return whole(folder, await filesBelow(folder, ".gguf"), source, (file) => basename(file));
}

/** Manifests name the blobs: `manifests/HOST/NAMESPACE/MODEL/TAG`, JSON with layers, one of which is the GGUF. */
async function ollama(folder: string): Promise<Candidate[]> {
  const manifests = join(folder, "manifests");
  const found: Candidate[] = [];
  for (const path of await filesBelow(manifests, "")) {
    const digest = await modelDigest(join(manifests, path));
    if (digest === undefined) continue;
    const [, space = "", model = "", tag = ""] = path.split(/[\\/]/);
    const name = space === "library" ? `${model}:${tag}` : `${space}/${model}:${tag}`;
    found.push({ name, source: "ollama", file: join(folder, "blobs", digest.replace(":", "-")) });
  }
  return found;
}

async function modelDigest(file: string): Promise<string | undefined> {
  try {
    const manifest: unknown = JSON.parse(await readFile(file, "utf8"));
    if (!has(manifest, "layers") || !Array.isArray(manifest.layers)) return undefined;
    for (const layer of manifest.layers) {
      if (!has(layer, "mediaType") || layer.mediaType !== MODEL_LAYER || !has(layer, "digest")) continue;
      const { digest } = layer;
      if (typeof digest === "string" && /^sha256:[0-9a-f]{64}$/.test(digest)) return digest;
    }
  } catch {
    // Not a manifest.
  }
  return undefined;
}

async function lmStudio(home: string): Promise<Candidate[]> {
  const folders = new Set([join(home, ".lmstudio", "models"), join(home, ".cache", "lm-studio", "models")]);
  try {
    const settings: unknown = JSON.parse(await readFile(join(home, ".lmstudio", "settings.json"), "utf8"));
    for (const key of ["downloadsFolder", "modelsDirectory"]) {
      const value: unknown = has(settings, key) ? settings[key] : undefined;
      if (typeof value === "string") folders.add(value);
    }
  } catch {
    // No settings: the default folders count.
  }
  const lists = [...folders].map(async (folder) =>
    whole(folder, await filesBelow(folder, ".gguf"), "lmstudio", (file) => file.split("\\").join("/")),
  );
  return (await Promise.all(lists)).flat();
}

/** `models--ORG--REPOSITORY/snapshots/REVISION/FILE`, links to blobs. */
async function huggingFace(
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): Promise<Candidate[]> {
  const cache = env["HF_HOME"] ?? join(home, ".cache", "huggingface");
  const hub = env["HF_HUB_CACHE"] ?? join(cache, "hub");
  const found: Candidate[] = [];
  for (const entry of await readdir(hub).catch(() => [])) {
    if (!entry.startsWith("models--")) continue;
    const repository = entry.slice("models--".length).replace("--", "/");
    const snapshots = join(hub, entry, "snapshots");
    const files = await filesBelow(snapshots, ".gguf");
    found.push(...whole(snapshots, files, "huggingface", (file) => `${repository}/${basename(file)}`));
  }
  return found;
}

function has<K extends string>(value: unknown, key: K): value is Record<K, unknown> {
  return typeof value === "object" && value !== null && key in value;
}

import { join } from "node:path";
import {
  type DownloadProgress,
  fetchModel,
  HUB,
  hubHeaders,
  hubHost,
  modelsFolder,
  PULLED,
} from "@hearth/llama";
import {
  AuthenticationError,
  DownloadError,
  isObject,
  type JsonValue,
  ModelNotFoundError,
  UsageError,
} from "hearth";

/** A file in a repository of the hub. */
export interface HubFile {
  path: string;
  bytes: number;
  sha256: string;
}

/** What is wanted from the hub: one file, or a quantisation (`Q4_K_M`), or whatever is usual. */
export interface HubWish {
  /** `ORG/REPO`. */
  repository: string;
  file?: string;
  quant?: string;
}

/** Quantisations in the order in which they are taken where none is named: the usual size for its quality first. */
const USUAL = ["Q4_K_M", "Q4_K_S", "Q4_0", "Q5_K_M", "Q4_1", "IQ4_XS", "MXFP4", "Q8_0"];
const PART = /^\w[\w.-]*$/;
const ASK_MS = 20_000;

/** `hf:ORG/REPO`, `hf:ORG/REPO:QUANT`, `ORG/REPO/FILE.gguf` (with or without `hf:`). `undefined`: a name of another kind. */
export function readHubWish(name: string): HubWish | undefined {
  const bare = name.replace(/^hf:/, "");
  const isFile = /\.gguf$/i.test(bare);
  if (bare === name && !isFile) return undefined;
  const [path = "", quant] = isFile ? [bare] : bare.split(":");
  const [owner = "", repo = "", ...rest] = path.split("/");
  const bad = !PART.test(owner) || !PART.test(repo) || rest.some((part) => !PART.test(part));
  if (bad || isFile !== rest.length > 0) {
    if (bare === name) return undefined;
    throw new UsageError(`"${name}" names no model of the hub.`, {
      remedy: "Write hf:ORG/REPO, hf:ORG/REPO:Q4_K_M or hf:ORG/REPO/FILE.gguf.",
    });
  }
  const repository = `${owner}/${repo}`;
  if (isFile) return { repository, file: rest.join("/") };
  return quant === undefined || quant === "" ? { repository } : { repository, quant };
}

/** The files to fetch: one, or all parts of a model in parts. A pure function. Raises `ModelNotFoundError` with what there is. */
export function chooseFiles(files: readonly HubFile[], { repository, file, quant }: HubWish): HubFile[] {
  const models = files.filter(({ path }) => /\.gguf$/i.test(path) && !/mmproj/i.test(path));
  const first = models.filter(({ path }) => !/-(?!00001)\d{5}-of-\d{5}\.gguf$/i.test(path));
  const ofQuant = (wanted: string): HubFile | undefined =>
    first.find(({ path }) =>
      new RegExp(`[-._/]${RegExp.escape(wanted)}(-00001-of-\\d{5})?\\.gguf$`, "i").test(path),
    );
  const chosen =
    file !== undefined
      ? first.find(({ path }) => path === file)
      : quant !== undefined
        ? ofQuant(quant)
        : (USUAL.map(ofQuant).find((one) => one !== undefined) ??
          (first.length === 1 ? first[0] : undefined));
  if (chosen === undefined) {
    const names = first.slice(0, 12).map(({ path }) => path);
    throw new ModelNotFoundError(
      models.length === 0
        ? `${repository} holds no GGUF file.`
        : `${repository} has no ${file ?? (quant === undefined ? "file of a usual quantisation" : `file of ${quant}`)}.`,
      {
        remedy:
          names.length === 0
            ? "Look for a repository whose name ends with GGUF."
            : `It has ${names.join(", ")}${first.length > names.length ? ` and ${first.length - names.length} more` : ""}; write hf:${repository}/FILE.`,
      },
    );
  }
  const parts = /^(.*)-00001-of-(\d{5})\.gguf$/i.exec(chosen.path);
  if (parts === null) return [chosen];
  return models.filter(
    ({ path }) => path.startsWith(`${parts[1]}-`) && path.endsWith(`-of-${parts[2]}.gguf`),
  );
}

export interface PullOptions {
  onProgress?: (progress: DownloadProgress) => void;
  signal?: AbortSignal;
  /** Default: below the user's cache of models. */
  folder?: string;
}

export interface Pulled {
  /** What `-m` takes. */
  name: string;
  file: string;
  bytes: number;
}

/**
 * Fetches a model file from the hub, at the commit that is newest now, each file checked by the SHA-256 that the hub names. A
 * download that breaks is gone on with next time.
 * @throws ModelNotFoundError, AuthenticationError, DownloadError
 */
export async function pullFromHub(wish: HubWish, options: PullOptions = {}): Promise<Pulled> {
  const { repository } = wish;
  const { signal, onProgress } = options;
  const { revision, files } = await listFiles(repository, signal);
  const chosen = chooseFiles(files, wish);
  const folder = join(options.folder ?? join(modelsFolder(), PULLED), ...repository.split("/"));
  const totalBytes = chosen.reduce((sum, { bytes }) => sum + bytes, 0);
  let before = 0;
  let first = "";
  for (const { path, bytes, sha256 } of chosen) {
    const file = await fetchModel(
      {
        title: `${repository}/${path}`,
        file: path.split("/").at(-1) ?? path,
        bytes,
        sha256,
        license: "",
        hub: { endpoint: HUB, repository, revision, file: path },
      },
      {
        folder,
        onProgress: ({ receivedBytes }) =>
          onProgress?.({ receivedBytes: before + receivedBytes, totalBytes }),
        ...(signal === undefined ? {} : { signal }),
      },
    );
    before += bytes;
    first ||= file;
  }
  return { name: `${repository}/${first.split(/[\\/]/).at(-1)}`, file: first, bytes: totalBytes };
}

async function listFiles(
  repository: string,
  signal: AbortSignal | undefined,
): Promise<{ revision: string; files: HubFile[] }> {
  const host = hubHost(HUB);
  const url = `${host}/api/models/${repository}?blobs=true`;
  const timeout = AbortSignal.timeout(ASK_MS);
  let response: Response;
  let body: JsonValue;
  try {
    response = await fetch(url, {
      headers: { accept: "application/json", ...hubHeaders() },
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    body = response.ok ? ((await response.json()) as JsonValue) : null;
  } catch (error) {
    signal?.throwIfAborted();
    throw new DownloadError(`The model hub at ${host} can't be reached.`, {
      remedy: "Connect to the network and try again; HF_ENDPOINT names another hub.",
      cause: error,
    });
  }
  // The hub answers 401 for what is not there, too.
  if (response.status === 401 || response.status === 403) {
    throw new AuthenticationError(`${host} has no ${repository}, or it is not open to everybody.`, {
      remedy: "Look at the name; where the model asks for it, accept its terms there and set HF_TOKEN.",
    });
  }
  if (response.status === 404) {
    throw new ModelNotFoundError(`${host} has no ${repository}.`, { remedy: "Look at the name." });
  }
  if (!isObject(body) || typeof body["sha"] !== "string" || !Array.isArray(body["siblings"])) {
    throw new DownloadError(`${url} answered ${response.status}, and no list of files.`, {
      remedy: "Try again later.",
    });
  }
  return { revision: body["sha"], files: body["siblings"].flatMap(fileOf) };
}

/** A file that the hub names with size and SHA-256; others can't be checked, and count as absent. */
function fileOf(value: JsonValue): HubFile[] {
  if (!isObject(value) || !isObject(value["lfs"])) return [];
  const { rfilename: path, lfs } = value;
  const { sha256, size } = lfs;
  if (typeof path !== "string" || typeof sha256 !== "string" || typeof size !== "number") return [];
  return path.split("/").every((part) => PART.test(part)) ? [{ path, bytes: size, sha256 }] : [];
}

import { BASE, type DownloadProgress, fetchModel, POCKET } from "@hearth/llama";
import { type Config, pullByOllama, pullFromHub, readHubWish, usualAddress } from "@hearth/runtime";
import { UsageError } from "hearth";
import type { CommandContext } from "../command.ts";
import { plain } from "../terminal/plain.ts";
import { progressBar, StatusLine } from "../terminal/status.ts";

/** Fetches a model: the pocket model, a file of the hub, or by Ollama. */
export async function run(context: CommandContext): Promise<number> {
  const { args, config: settingsOf, out } = context;
  const [name, ...more] = args.positionals;
  if (name === undefined || more.length > 0) {
    throw new UsageError("hearth pull takes one name.", {
      remedy: "Write `hearth pull qwen3.5:4b`, `hearth pull hf:ORG/REPO:Q4_K_M` or `hearth pull pocket`.",
    });
  }
  const config = settingsOf();
  const { json } = config.settings;
  const status = new StatusLine(out);
  const shown = progressOf(name, context, status, json);
  let done: Done;
  try {
    done = await pull(name, config, context, shown);
  } finally {
    await shown.written();
    status.clear();
  }
  if (json) await out.json({ status: "done", ...done });
  else await out.line(`${done.name} is here. Use it with \`hearth run -m ${done.use} "TASK"\`.`);
  return 0;
}

interface Done {
  name: string;
  /** What `-m` takes. */
  use: string;
  file?: string;
  bytes?: number;
}

interface Shown {
  onProgress(progress: DownloadProgress): void;
  onStatus(text: string): void;
  /** Resolves when all of it is written. */
  written(): Promise<void>;
}

async function pull(name: string, config: Config, { signal }: CommandContext, shown: Shown): Promise<Done> {
  if (name === POCKET) {
    const file = await fetchModel(BASE, { ...shown, signal });
    return { name: POCKET, use: POCKET, file, bytes: BASE.bytes };
  }
  const wish = readHubWish(name);
  if (wish !== undefined) {
    const pulled = await pullFromHub(wish, { ...shown, signal });
    return { ...pulled, use: `embedded/${pulled.name}` };
  }
  const own = name.replace(/^ollama\//, "");
  await pullByOllama(own, { ...shown, address: usualAddress("ollama", config.settings), signal });
  return { name: own, use: `ollama/${own}` };
}

/** Progress as a bar on a terminal, a line for each tenth elsewhere, values with --json. */
function progressOf(name: string, { out }: CommandContext, status: StatusLine, json: boolean): Shown {
  let last = "";
  let written = Promise.resolve();
  const put = (value: object): void => {
    written = written.then(() => out.json(value));
  };
  return {
    onProgress({ receivedBytes, totalBytes }) {
      if (!json && out.stderrIsTerminal) {
        status.show(`${plain(name)} ${progressBar(receivedBytes, totalBytes)}`);
        return;
      }
      const tenth = totalBytes > 0 ? Math.floor((10 * receivedBytes) / totalBytes) : 0;
      if (last === `${tenth} of ${totalBytes}`) return;
      last = `${tenth} of ${totalBytes}`;
      if (json) put({ status: "downloading", receivedBytes, totalBytes });
      else out.note(`${plain(name)} ${progressBar(receivedBytes, totalBytes)}`);
    },
    onStatus(text) {
      if (json) put({ status: plain(text) });
      else status.show(plain(text));
    },
    written: () => written,
  };
}

import { assemble, debugLog } from "@hearth/runtime";
import { serve } from "@hearth/server";
import type { CommandContext } from "../command.ts";

export async function run({ config: settingsOf, out, signal }: CommandContext): Promise<number> {
  const config = settingsOf();
  const { host, port, parallel, maxQueue, allowHost, json, journal } = config.settings;
  const parts = await assemble(config, { signal, log: debugLog(config, (text) => out.raw(text)) });
  try {
    for (const notice of parts.notices) out.note(`hearth: ${notice}`);
    const service = await serve({
      agent: parts.options,
      host,
      port,
      parallel,
      maxQueue,
      allowHosts: allowHost,
      detached: journal !== "none",
    });
    if (json) await out.json({ url: service.url, engine: parts.connection.name, token: service.token });
    else {
      out.note(`hearth listens on ${service.url} (engine: ${parts.connection.name}). Ctrl-C ends it.`);
      out.note(`Token for approvals, resume and stop: ${service.token}`);
    }
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    await service.close();
    return 0;
  } finally {
    await parts.close();
  }
}

import { assemble, debugLog, loadConfig } from "@hearth/runtime";
import {
  accessOf,
  lifetime,
  logOf,
  Operations,
  queueOf,
  reload,
  serve,
  tellHealth,
  upstreamsOf,
} from "@hearth/server";
import type { CommandContext } from "../command.ts";
import { journalOf } from "../journal.ts";
import { keyAudit } from "../key-audit.ts";
import { telemetryOf } from "../telemetry.ts";

export async function run(context: CommandContext): Promise<number> {
  const { out, signal } = context;
  let config = context.config();
  const { host, port, json, journal, slowStep, workerHost } = config.settings;
  const write = (text: string): void => out.raw(text);
  const telemetry = await telemetryOf(context.env);
  const parts = await assemble(config, {
    signal,
    log: debugLog(config, write),
    journal: () => journalOf(config),
  });
  try {
    for (const notice of parts.notices) out.note(`hearth: ${notice}`);
    const log = logOf(config, write);
    const warn = (text: string): void => log.write("error", text);
    const { model } = parts.options;
    const engine = await upstreamsOf(
      config,
      { name: parts.connection.name, engine: model.engine },
      tellHealth(log),
      signal,
    );
    parts.options.model = { ...model, engine };
    const access = accessOf(config, warn, signal);
    const audit = keyAudit(config);
    const operations = new Operations({
      agent: parts.options,
      log,
      slowMs: slowStep * 1000,
      ...(telemetry === undefined ? {} : { telemetry }),
    });
    const service = await serve({
      agent: parts.options,
      operations,
      host,
      port,
      ...queueOf(config),
      workerHost,
      ...access,
      audit: (note) => void audit({ ...note }).catch((error) => warn(String(error))),
      detached: journal !== "none",
    });
    if (json) await out.json({ url: service.url, engine: parts.connection.name, token: service.token });
    else {
      out.note(`hearth listens on ${service.url} (engine: ${parts.connection.name}). Ctrl-C ends it.`);
      out.note(
        access.keys.required
          ? `Token of an admin, for this start: ${service.token}`
          : `Token for approvals, resume and stop: ${service.token}`,
      );
    }
    const { gentle } = await lifetime(signal, () => {
      try {
        const next = loadConfig({ env: context.env, cwd: process.cwd(), flags: context.args.settings });
        reload(operations, config, next);
        config = next;
      } catch (error) {
        log.write("error", "the settings could not be read again; those in force stay", {
          reason: String(error),
        });
      }
    });
    await service.drain(gentle ? config.settings.drain * 1000 : 0);
    return 0;
  } finally {
    await parts.options.model.engine.close();
    await parts.close();
    await telemetry?.close();
  }
}

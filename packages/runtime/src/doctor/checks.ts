import { BASE, findLlama, modelsFolder, presentModel } from "@hearth/llama";
import { sandboxLevel } from "@hearth/tools";
import { isLoopback } from "../config/index.ts";
import {
  choose,
  type FoundServer,
  isUsable,
  localLine,
  onDisk,
  places,
  pocketLine,
  readModelWish,
} from "../discovery/index.ts";
import type { Check, Examined, Finding } from "./types.ts";

/** The oldest Node that runs the sources as they are. */
const NODE_MAJOR = 24;
/** Ollama before this mixes up tools and streaming. */
const OLD_OLLAMA = /^0\.[0-2]\./;

const ok = (text: string): Finding => ({ level: "ok", text });
const note = (text: string): Finding => ({ level: "note", text });

/** What `hearth doctor` looks at. A later part of Hearth adds its line here. */
export const CHECKS: readonly Check[] = [
  { id: "node", title: "Node", look: node },
  { id: "settings", title: "Settings", look: settings },
  { id: "engines", title: "Engines on this machine", look: engines },
  { id: "embedded", title: "Embedded engine", look: embeddedEngine },
  { id: "sandbox", title: "Sandbox for programs", look: sandbox },
  { id: "choice", title: "What `hearth run` would use", look: chosen },
];

function node({ nodeVersion, platform }: Examined): Finding[] {
  if (Number(nodeVersion.split(".")[0]) >= NODE_MAJOR) return [ok(`${nodeVersion} on ${platform}`)];
  return [
    {
      level: "problem",
      text: `${nodeVersion} on ${platform} is older than ${NODE_MAJOR}`,
      remedy: `Install Node ${NODE_MAJOR} or newer from nodejs.org.`,
    },
  ];
}

function settings({ config }: Examined): Finding[] {
  const files = config.files.map(({ file, source, found, trusted }): Finding => {
    if (!found) return note(`${file} (${source}): not there`);
    return trusted ? ok(`${file} (${source}): read`) : note(`${file} (${source}): read, not trusted`);
  });
  const ignored = config.ignored.map(
    ({ name, where, why }): Finding => ({
      level: "warning",
      text: `${name} in ${where} does not count: ${why}`,
      remedy: `hearth trust ${config.workspace}`,
    }),
  );
  return [...files, ...ignored];
}

function engines({ config, servers }: Examined): Finding[] {
  const findings = servers.flatMap(server);
  const silent = places(config.settings).filter(
    ({ address }) => !servers.some((found) => found.address === address),
  );
  if (silent.length > 0) {
    findings.push(note(`nothing at ${silent.map(({ name, address }) => `${address} (${name})`).join(", ")}`));
  }
  for (const key of ["ollama.url", "openai.url"] as const) {
    const address = config.settings[key];
    if (address === undefined || isLoopback(address)) continue;
    findings.push(note(`${address} is on another machine: used with --engine ${address}, never by auto`));
  }
  return findings;
}

function server({ name, address, version, models, problem }: FoundServer): Finding[] {
  const where = `${name}${version === undefined ? "" : ` ${version}`} at ${address}`;
  if (problem !== undefined)
    return [{ level: "problem", text: `${where}: ${problem}`, remedy: `Look into the log of ${name}.` }];
  const usable = models.filter(isUsable).map((model) => model.name);
  const findings: Finding[] = [];
  if (version !== undefined && OLD_OLLAMA.test(version)) {
    findings.push({
      level: "warning",
      text: `${where} is older than 0.3.0: its tool calls can't be relied on`,
      remedy: "Update Ollama.",
    });
  }
  if (usable.length > 0)
    findings.push(ok(`${where}: ${usable.length} of ${models.length} models call tools: ${listed(usable)}`));
  else {
    findings.push({
      level: "warning",
      text: `${where}: none of its ${models.length} models can call tools`,
      remedy: name === "ollama" ? "ollama pull qwen3" : "Load a model that can.",
    });
  }
  // Its own environment can't be seen from here.
  if (name === "ollama")
    findings.push(
      note(
        "for several users: OLLAMA_NUM_PARALLEL=2 and OLLAMA_KEEP_ALIVE=24h in Ollama's environment (deploy/ollama.service), and the same number with `hearth serve --parallel`",
      ),
    );
  return findings;
}

function listed(names: readonly string[]): string {
  const most = names.slice(0, 8).join(", ");
  return names.length > 8 ? `${most} and ${names.length - 8} more` : most;
}

function embeddedEngine(): Finding[] {
  const native = findLlama();
  const model = presentModel(BASE);
  return [
    "missing" in native
      ? { level: "warning", text: `its native part: ${native.missing}`, remedy: "hearth engine install" }
      : ok(`native part ${native.version}${native.gpu === false ? ", CPU" : `, ${native.gpu}`}`),
    model === undefined
      ? note(
          `${BASE.title} is not in ${modelsFolder()}; fetched when first used (${Math.round(BASE.bytes / 1e6)} MB)`,
        )
      : ok(`${BASE.title} at ${model}`),
  ];
}

async function sandbox({ config }: Examined): Promise<Finding[]> {
  const { name, strength, probes, missing } = await sandboxLevel(config.workspace, {
    level: config.settings["sandbox.level"],
  });
  const held = probes.filter((probe) => probe.held).length;
  const level = strength === "enforced" ? "ok" : strength === "partial" ? "warning" : "note";
  const without = strength === "none" ? "; run_shell and run_command are not offered" : "";
  return [
    { level, text: `${name}: ${strength}, ${held} of ${probes.length} probes held${without}` },
    ...missing.map((text): Finding => ({ level: "note", text })),
    ...probes.map(
      (probe): Finding => ({ level: probe.held ? "ok" : "warning", text: `${probe.name}: ${probe.note}` }),
    ),
  ];
}

async function chosen({ config, servers }: Examined): Promise<Finding[]> {
  const { engine, model } = config.settings;
  const wish = readModelWish(model);
  const named = model === undefined ? "" : ` with ${model}`;
  if (engine !== "auto" || wish.kind === "engine" || wish.kind === "file")
    return [ok(`--engine ${engine}${named}, as set`)];
  const choice = choose(servers, model);
  if (choice !== undefined)
    return [ok(`${choice.model} on ${choice.server.name} at ${choice.server.address}`)];
  if (model !== undefined) return [ok(`the embedded engine${named}`)];
  const local = await onDisk();
  return [ok(`the embedded engine. ${local === undefined ? pocketLine() : localLine(local)}`)];
}

import { join } from "node:path";
import { AuditLog, allTools, fileAuditor, processHalt } from "@hearth/tools";
import {
  type Auditor,
  defaultPolicy,
  type Halt,
  type Policy,
  type Tool,
  type ToolRules,
  UsageError,
  withRules,
} from "hearth";
import { type Config, nearest } from "../config/index.ts";
import { toolboxOptions } from "./tools.ts";

/** What stands between a model and the tools: the same for a run, for a service and for MCP clients. */
export interface Guards {
  /** With the user's own rules; the taint rule comes on top of it. */
  policy: Policy;
  auditor?: Auditor;
  /** The emergency stop of this process. */
  halt: Halt;
}

/**
 * The guards of the settings. `tools`: those that are offered.
 * @throws UsageError for a refusal that names no tool: misspelt, it would guard nothing
 */
export function guardsOf(config: Config, tools: readonly Tool[]): Guards {
  const file = auditFile(config);
  return {
    policy: withRules(rulesOf(config, tools), defaultPolicy),
    halt: processHalt,
    ...(file === undefined ? {} : { auditor: fileAuditor(new AuditLog(file)) }),
  };
}

/** The file of the audit; `undefined` where none is written. */
export function auditFile({ settings, paths }: Pick<Config, "settings" | "paths">): string | undefined {
  return settings.audit === "none" ? undefined : (settings.audit ?? join(paths.state, "audit.jsonl"));
}

function rulesOf(config: Config, tools: readonly Tool[]): ToolRules {
  const { allow, deny } = config.settings;
  const plain = deny.filter((pattern) => !pattern.includes("*"));
  if (plain.length > 0) {
    const known = [...tools, ...allTools(toolboxOptions(config))].map(({ name }) => name);
    for (const name of plain) if (!known.includes(name)) throw unknown(name, known);
  }
  const all = (names: readonly string[], verdict: "allow" | "deny") => names.map((name) => [name, verdict]);
  // Refused and allowed by the same words is refused.
  return Object.fromEntries([...all(allow, "allow"), ...all(deny, "deny")]);
}

function unknown(name: string, known: readonly string[]): UsageError {
  const near = nearest(name, known);
  return new UsageError(`"${name}" names no tool, so it can't be denied.`, {
    remedy: `${near === undefined ? "" : `The nearest is ${near.name}. `}For tools of a server that is not always there, write a * (${name}*).`,
  });
}

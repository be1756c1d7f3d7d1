import type { Config } from "../config/index.ts";
import { lookAround, places } from "../discovery/index.ts";
import { CHECKS } from "./checks.ts";
import type { Check, Examined, Finding, Level } from "./types.ts";

/** One check with what it found. */
export interface Report {
  id: string;
  title: string;
  findings: readonly Finding[];
}

export interface ExamineInput {
  config: Config;
  env: Examined["env"];
  signal?: AbortSignal;
  checks?: readonly Check[];
}

/** Looks at everything in the table of checks. A check that fails is a finding itself. */
export async function examine({ config, env, signal, checks = CHECKS }: ExamineInput): Promise<Report[]> {
  const examined: Examined = {
    config,
    env,
    servers: await lookAround(places(config.settings), signal),
    nodeVersion: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
  };
  return Promise.all(
    checks.map(async ({ id, title, look }) => {
      try {
        return { id, title, findings: await look(examined) };
      } catch (error) {
        const text = `this check failed: ${error instanceof Error ? error.message : String(error)}`;
        return { id, title, findings: [{ level: "problem", text }] };
      }
    }),
  );
}

/** The worst level in the reports. */
export function worst(reports: readonly Report[]): Level {
  const order: Level[] = ["ok", "note", "warning", "problem"];
  const levels = reports.flatMap(({ findings }) => findings.map(({ level }) => order.indexOf(level)));
  return order[Math.max(0, ...levels)] ?? "ok";
}

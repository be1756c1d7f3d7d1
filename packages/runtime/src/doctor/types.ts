import type { Config } from "../config/index.ts";
import type { FoundServer } from "../discovery/index.ts";

/** `ok`, `note` (good to know), `warning` (works, but not well), `problem` (something does not work). */
export type Level = "ok" | "note" | "warning" | "problem";

/** What one check found. */
export interface Finding {
  level: Level;
  text: string;
  /** What to do about it. */
  remedy?: string;
}

/** What checks look at; gathered once. */
export interface Examined {
  config: Config;
  env: Readonly<Record<string, string | undefined>>;
  /** Servers that answered at the places where `auto` looks. */
  servers: readonly FoundServer[];
  nodeVersion: string;
  platform: string;
}

/** One line of the table of checks. */
export interface Check {
  id: string;
  title: string;
  look(examined: Examined): Finding[] | Promise<Finding[]>;
}

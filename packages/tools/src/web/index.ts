/**
 * Tools that reach the internet: http_fetch.
 * Owns the guarded connection: every hop, every answer of the name server and the connected peer is judged, everything is bounded, and no
 * credential of this machine goes along. Does not own whether data may leave after private files were read: that is the policy's.
 */
import type { Tool } from "hearth";
import type { UrlRules } from "../judge/index.ts";
import { httpFetch } from "./fetch.ts";

export { type Fetched, type GuardOptions, guardedFetch } from "./guard.ts";

export interface WebOptions {
  workspace: string;
  /** Which hosts and ports may be reached. Default: every public host, ports 80 and 443. */
  url?: UrlRules;
}

/** The tools of `--tools +web`. */
export function webTools(options: WebOptions): Tool[] {
  return [httpFetch(options.url === undefined ? {} : { rules: options.url })];
}

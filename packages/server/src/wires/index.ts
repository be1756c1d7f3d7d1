/**
 * The wires: what other programs speak, translated to questions and runs and back, a folder or a file each.
 * Owns shapes of requests, answers and streams. Does not own the loop, who gets the engine, or who may ask.
 */
import type { Routes } from "../openapi/index.ts";
import { agUiWire } from "./ag-ui/index.ts";
import { agentWire } from "./agent.ts";
import { aiSdkWire } from "./ai-sdk/index.ts";
import { anthropicWire } from "./anthropic/index.ts";
import type { WireContext } from "./context.ts";
import type { Driver } from "./drive.ts";
import { homeWire } from "./home.ts";
import { ollamaWire } from "./ollama/index.ts";
import { openaiWire } from "./openai/index.ts";
import { queueWire } from "./queue.ts";
import { responsesWire } from "./responses/index.ts";
import { runsWire } from "./runs.ts";

/** A new wire is one line here. */
export const WIRES: readonly ((routes: Routes, context: WireContext, driver: Driver) => void)[] = [
  homeWire,
  queueWire,
  agentWire,
  runsWire,
  agUiWire,
  aiSdkWire,
  openaiWire,
  responsesWire,
  anthropicWire,
  ollamaWire,
];

export type { WireContext } from "./context.ts";
export type { Crew } from "./crew.ts";
export { Driver } from "./drive.ts";

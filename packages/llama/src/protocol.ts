/** What is said over the pipe between the engine and its child process. JSON, one object a message. */

import type { OutputGrammar } from "hearth";

/** What the child opens; fixed for its life. Handed over as an argument, so that loading starts before the first message. */
export interface OpenOptions {
  /** The native library: `llama-addon.node`. */
  addon: string;
  /** Folders that hold the compute backends beside it. */
  backends: string[];
  model: string;
  /** A LoRA adapter (GGUF) laid over the model. */
  adapter?: string;
  /** Tokens of the window. */
  contextTokens: number;
  /** Left out: chosen from cores and cgroup (threads.ts). */
  threads?: number;
  /** Layers put on the GPU; 0 keeps all on the CPU. */
  gpuLayers: number;
  /** Where prefix states are kept; left out: none are. */
  prefix?: { folder: string; maxBytes: number; identity: string };
}

export interface WireSampling {
  temperature: number;
  topP: number;
  topK: number;
  minP: number;
  seed: number;
  /** 0: until the window is full. */
  maxTokens: number;
  stop: string[];
}

export type Request =
  | {
      type: "complete";
      id: number;
      prompt: string;
      /** Ranges of characters whose text is never read as special tokens; ascending. */
      literal: [start: number, end: number][];
      sampling: WireSampling;
      grammar?: OutputGrammar;
      stablePrefixChars: number;
    }
  | { type: "score"; id: number; prompt: string; candidates: string[] }
  | { type: "count"; id: number; text: string }
  | { type: "abort"; id: number };

/** Why a request failed. All but `failed` would fail again. */
export type Fault = "context" | "grammar" | "refused" | "failed";

/** Where the start of the child went, in ms: process start to main, native library, model, context with adapter. */
export interface OpenTimings {
  boot: number;
  library: number;
  model: number;
  context: number;
}

export type Reply =
  | { type: "ready"; contextTokens: number; threads: number; timings: OpenTimings }
  | { type: "unopened"; message: string }
  | { type: "text"; id: number; text: string }
  | { type: "finish"; id: number; reason: "stop" | "length"; input: number; cached: number; output: number }
  | { type: "aborted"; id: number }
  | { type: "value"; id: number; value: number | number[] }
  | { type: "error"; id: number; fault: Fault; message: string; promptTokens?: number };

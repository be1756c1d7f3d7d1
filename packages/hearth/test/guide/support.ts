import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type AgentOptions,
  agent,
  type Outcome,
  ollama,
  openai,
  type RunEvent,
  type ToolInput,
} from "hearth";

/** One answer of the scripted engine; see the head of mock_engine.mjs. */
export interface MockTurn {
  text?: string;
  thinking?: string;
  calls?: { name: string; args?: unknown; raw?: string; id?: string }[];
  /** Characters a piece of text or thinking has. */
  textChunk?: number;
  /** Characters a piece of the arguments has (openai). */
  callChunk?: number;
  oneChunk?: boolean;
  index0?: boolean;
  finish?: string;
  done?: boolean;
  delayMs?: number;
  gapMs?: number;
  callGapMs?: number;
  /** What the engine says it counted. */
  promptTokens?: number;
  evalTokens?: number;
  /** Answers with a head and nothing else. */
  hang?: boolean;
  cut?: "before" | "answer" | "call";
  errorLine?: string;
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
}

interface MockMessage {
  role: string;
  content: string;
  thinking?: string;
  tool_name?: string;
  tool_call_id?: string;
  tool_calls?: { id?: string; function: { name: string; arguments: unknown } }[];
}

interface MockBody {
  messages: MockMessage[];
  tools?: unknown[];
  format?: unknown;
  response_format?: unknown;
  max_tokens?: number;
  options?: { num_ctx?: number; num_predict?: number };
  think?: unknown;
  truncate?: boolean;
  shift?: boolean;
  stream?: boolean;
}

export interface Mock {
  url: string;
  chats: { body: MockBody; closedEarly?: boolean }[];
  close(): Promise<void>;
}

type Turns = MockTurn[] | ((body: MockBody, n: number) => MockTurn);

const file = resolve(process.env["HEARTH_SHARED"] ?? "../shared", "checks/mock_engine.mjs");

/** Why these tests can't run here, or false. */
export const skip: string | false = existsSync(file) ? false : `no mock engine at ${file}`;

export async function mock(options: {
  kind?: "ollama" | "openai";
  turns: Turns;
  [key: string]: unknown;
}): Promise<Mock> {
  const module = (await import(pathToFileURL(file).href)) as { startEngine(options: object): Promise<Mock> };
  return module.startEngine({ kind: "ollama", window: 16_384, ...options });
}

export interface Ran {
  outcome: Outcome;
  events: RunEvent[];
  chats: Mock["chats"];
  /** Events of one type. */
  of<T extends RunEvent["type"]>(type: T): Extract<RunEvent, { type: T }>[];
}

/** One run against a mock of its own. */
export async function run(
  turns: Turns,
  tools: ToolInput[],
  options: Partial<AgentOptions> & { kind?: "ollama" | "openai"; engine?: object } = {},
): Promise<Ran> {
  const { kind = "ollama", engine: scenario, ...rest } = options;
  const engine = await mock({ kind, turns, ...scenario });
  const model = kind === "ollama" ? ollama("mock", { url: engine.url }) : openai("mock", { url: engine.url });
  try {
    const running = agent({ model, tools, clock: quickClock, ...rest }).run("Do it.");
    const events: RunEvent[] = [];
    for await (const event of running) events.push(event);
    const outcome = await running;
    return {
      outcome,
      events,
      chats: engine.chats,
      of: <T extends RunEvent["type"]>(type: T) =>
        events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type),
    };
  } finally {
    await model.engine.close();
    await engine.close();
  }
}

/** Real time, but waits between retries take no time: they are what would make these tests slow. */
export const quickClock = {
  now: () => Date.now(),
  sleep: (ms: number, signal?: AbortSignal) =>
    new Promise<void>((done, reject) => {
      const timer = setTimeout(done, ms > 500 && ms <= 10_000 ? 1 : ms);
      signal?.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    }),
};

export const add = {
  name: "add",
  description: "Add two numbers",
  effect: "none" as const,
  parameters: {
    type: "object",
    properties: { a: { type: "number", description: "first" }, b: { type: "number", description: "second" } },
    required: ["a", "b"],
    additionalProperties: false,
  },
  run: (args: Record<string, unknown>) => Number(args["a"]) + Number(args["b"]),
};

/** A tool that answers after `ms`, for orders of results. */
export const slow = {
  name: "slow",
  description: "Wait, then give the label back",
  effect: "none" as const,
  parameters: {
    type: "object",
    properties: { label: { type: "string" }, ms: { type: "integer" } },
    required: ["label", "ms"],
    additionalProperties: false,
  },
  run: async (args: Record<string, unknown>) => {
    await new Promise((done) => setTimeout(done, Number(args["ms"])));
    return `result of ${String(args["label"])}`;
  },
};

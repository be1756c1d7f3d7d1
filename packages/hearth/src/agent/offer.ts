import { CHARS_PER_TOKEN, chooseTools, DEFAULT_MAX_TOKENS, rankTools } from "../context/index.ts";
import { schemaOf, type Tool, type ToolSchema, textOf } from "../protocol/index.ts";
import type { AgentOptions } from "./options.ts";
import { READ_RESULT } from "./read-result.ts";

/** Tools shown at most, unless the program says otherwise. */
export const MAX_OFFERED = 10;
/** Share of the window that the schemas may take. */
const OFFER_SHARE = 0.1;
const FIND_TOOLS = "find_tools";
/** Tools that one search shows. */
const MAX_FOUND = 5;

/** The tools of a run: what may be called, and what the model is shown of it. Frozen for the run, so that the prompt's head stays. */
export interface Offered {
  tools: ReadonlyMap<string, Tool>;
  schemas: ToolSchema[];
}

/**
 * Chooses what the model is shown. What is left out can still be called, and found by its words: where tools are left out the model
 * gets `find_tools`. `frozen`: the names of a run that goes on.
 */
export function offerTools(
  tools: ReadonlyMap<string, Tool>,
  options: Pick<AgentOptions, "maxTools" | "alwaysTools" | "contextTokens">,
  words: string,
  frozen?: readonly string[],
): Offered {
  const all = [...tools.values()];
  const windowTokens = options.contextTokens ?? DEFAULT_MAX_TOKENS;
  const chosen =
    frozen !== undefined
      ? all.filter((tool) => frozen.includes(tool.name))
      : chooseTools(all, words, {
          maxTools: options.maxTools ?? MAX_OFFERED,
          maxChars: windowTokens * OFFER_SHARE * CHARS_PER_TOKEN,
          always: [READ_RESULT, "ask_user", ...(options.alwaysTools ?? [])],
        });
  const hidden = all.filter((tool) => !chosen.includes(tool));
  if (hidden.length === 0 || tools.has(FIND_TOOLS)) return { tools, schemas: chosen.map(schemaOf) };
  const finder = findTools(hidden);
  return {
    tools: new Map([...tools, [finder.name, finder]]),
    schemas: [...chosen, finder].map(schemaOf),
  };
}

/** What a task is about, for the choice: the task itself and what the user said before. */
export function wordsOf(task: string, history: Parameters<typeof textOf>[0][]): string {
  const said = history.filter((message) => message.role === "user").slice(-3);
  return [task, ...said.map(textOf)].join("\n");
}

function findTools(hidden: readonly Tool[]): Tool {
  return {
    name: FIND_TOOLS,
    description: `Find more tools by what they do: ${hidden.length} others can be called too.`,
    effect: "none",
    reads: "public",
    source: "trusted",
    egress: false,
    parameters: {
      type: "object",
      properties: { query: { type: "string", minLength: 1, description: "What the tool should do" } },
      required: ["query"],
      additionalProperties: false,
    },
    run(args) {
      const found = [...rankTools(hidden, String(args["query"]))]
        .sort((a, b) => b[1] - a[1])
        .slice(0, MAX_FOUND);
      if (found.length === 0)
        return `Nothing fits. The others are: ${hidden.map((tool) => tool.name).join(", ")}.`;
      return found.map(([tool]) => JSON.stringify(schemaOf(tool))).join("\n");
    },
  };
}

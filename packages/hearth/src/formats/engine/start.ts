import type { JsonObject } from "../../protocol/index.ts";
import type { Dialect } from "../dialects/types.ts";
import type { ParseOptions } from "../types.ts";

/** What opens the assistant's turn in the chat templates of the families we know. */
const HEADERS: readonly string[] = [
  "<|im_start|>assistant\n",
  "<|im_start|>assistant",
  "<|start_header_id|>assistant<|end_header_id|>\n\n",
  "<|header_start|>assistant<|header_end|>\n\n",
  "<|start_of_role|>assistant<|end_of_role|>",
  "<start_of_turn>model\n",
  "<|turn>model\n",
  "<|im_assistant|>assistant<|im_middle|>",
  "<｜Assistant｜>",
  "<|assistant|>\n",
  "<|assistant|>",
  "<|assistant_start|>",
  "<role>ASSISTANT</role>\n",
  "<role>ASSISTANT</role>",
  "<seed:bos>assistant\n",
  "<SPECIAL_11>Assistant\n",
  "<SPECIAL_11>Assistant",
  "<|Bot|>",
  "]~b]ai\n",
  "<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>",
  "\n<|begin_assistant|>\n",
  "<|begin_assistant|>\n",
  "assistant<|role_sep|>\n",
  "[/INST]",
  "assistant:",
];

export interface StartState {
  thinking: boolean;
  visible: boolean;
  /** Not known: what closes thinking, or nothing, will tell. */
  undecided: boolean;
  /** Text of the prefill that is the beginning of the answer itself. */
  answer: string;
}

/** Where the answer begins: in thinking or in text, and what of it the prompt already holds. */
export function startState(dialect: Dialect, options: ParseOptions): StartState {
  const { thinking } = dialect;
  const on = options.thinking ?? thinking?.defaultOn ?? thinking?.opened ?? false;
  const state: StartState = {
    thinking: on && thinking?.opened === true,
    visible: false,
    undecided: false,
    answer: "",
  };
  if (options.start !== undefined && options.thinking === undefined)
    state.thinking = options.start === "thinking" && thinking !== undefined;
  state.undecided = options.start === "auto" && options.thinking === undefined && thinking !== undefined;
  const { prefill } = options;
  if (prefill === undefined) return state;
  state.undecided = false;
  if (typeof prefill !== "string") return fromMessage(prefill, dialect, on, state);
  const answer = answerOf(prefill, dialect);
  if (answer === undefined) return state;
  // The prompt says it: nothing need be guessed from the family.
  if (thinking !== undefined && thinking.open.length > 0) state.thinking = false;
  state.answer = answer;
  return state;
}

function fromMessage(message: JsonObject, dialect: Dialect, on: boolean, state: StartState): StartState {
  if (message.role === "tool") {
    if (dialect.thinking?.afterToolResult === true) state.thinking = on;
    return state;
  }
  const said = typeof message.content === "string" ? message.content : "";
  const thought = [message.thinking, message.reasoning_content].some(
    (one) => typeof one === "string" && one !== "",
  );
  if (said.trim() !== "") return { ...state, thinking: false, visible: true };
  return thought ? { ...state, thinking: false } : state;
}

/** What follows the header of the assistant's turn; undefined where no header is found. */
function answerOf(prefill: string, dialect: Dialect): string | undefined {
  let from = -1;
  let length = 0;
  for (const header of [...(dialect.answerHeaders ?? []), ...HEADERS]) {
    const at = dialect.headers === undefined ? prefill.lastIndexOf(header) : prefill.indexOf(header);
    if (at < 0 || (at < from && at + header.length <= from + length)) continue;
    if (at + header.length <= from + length) continue;
    from = at;
    length = header.length;
  }
  if (from >= 0) return prefill.slice(from + length);
  if (dialect.bareAnswer === true) return prefill;
  for (const open of dialect.thinking?.open ?? []) {
    const at = prefill.lastIndexOf(open);
    if (at >= 0) return prefill.slice(at);
  }
  return undefined;
}

import type { TaggedBody } from "./bodies.ts";
import type { Dialect, ThinkingSyntax } from "./types.ts";

const think: ThinkingSyntax = { open: ["<think>"], close: ["</think>"], opened: true, defaultOn: false };

/** A name, then pairs of key and value in tags of their own. */
function pairs(
  tag: (name: string) => string,
  ends: readonly string[],
  trim: TaggedBody["trim"] = "none",
): TaggedBody {
  const close = (name: string): string => tag(name).replace("<", "</");
  return {
    kind: "tagged",
    call: {
      open: [""],
      end: [],
      endBefore: [tag("arg_key"), "{", ...ends],
      header: /^\s*(?<name>[^\s<>{}"']+)\s*$/,
      partial: /^\s*[^\s<>{}"']*\s*<?$/,
      close: [],
    },
    param: {
      open: [tag("arg_key")],
      end: [tag("arg_value")],
      header:
        /^(?<key>[\s\S]+?)\s*(?:<\/[^>]*arg_key[^>]*>\s*(?:<[^>]*arg_type[^>]*>(?<type>[^<]*)<\/[^>]*>)?)?\s*$/,
      close: [close("arg_value")],
      loose: close("arg_key"),
    },
    trim,
    jsonBody: true,
  };
}

const plain = (name: string): string => `<${name}>`;
const glmPairs = pairs(plain, ["</tool_call>", "<tool_call>"]);

/** GLM 4.5 to 5.3 and those who write like it. */
export const glm: Dialect = {
  id: "glm",
  models: ["GLM-4.5", "GLM-4.6", "GLM-4.7", "GLM-5", "Ling 3", "Spark 2.5"],
  calls: [
    {
      open: ["<tool_call>"],
      close: ["</tool_call>"],
      inThinking: true,
      body: [{ kind: "json" }, glmPairs],
    },
  ],
  thinking: think,
  drop: ["<|user|>", "<|observation|>", "<|endoftext|>", "<|role_end|>"],
  tokens: [
    "<|assistant|>",
    "<|system|>",
    "[gMASK]",
    "<sop>",
    "<tool_response>",
    "</tool_response>",
    "<arg_key>",
    "<arg_value>",
  ],
  needles: [["<arg_key>", "<arg_value>"]],
  sample: "<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Oslo</arg_value>\n</tool_call>",
};

/** Laguna (poolside): GLM's pairs, and JSON in any place where a small model may put it. */
export const laguna: Dialect = {
  ...glm,
  id: "laguna",
  models: ["Laguna", "poolside v1"],
  calls: [
    ...glm.calls,
    { open: ["<user>"], close: ["</user>"], unknown: "text", body: [{ kind: "json" }, glmPairs] },
    { open: ["{"], close: [], bare: "line", body: [{ kind: "json", argsNeeded: true }] },
  ],
  aliases: { read_file: "read" },
  drop: ["</assistant>", "<|endoftext|>"],
  tokens: ["<assistant>", "<user>", "</user>", "<system>", "</system>", ...(glm.tokens ?? [])],
  answerHeaders: ["<assistant>\n", "<assistant>"],
  needles: [["<arg_key>", "<assistant>"]],
};

const suffixes = ["", ":opensource"];
const spellings = (name: string): string[] => suffixes.map((suffix) => `<${name}${suffix}>`);
const hyPairs: TaggedBody = {
  kind: "tagged",
  call: {
    open: [""],
    end: spellings("tool_sep"),
    endBefore: [...spellings("arg_key"), ...spellings("/tool_call")],
    header: /^\s*(?<name>[^\s<>{}"']+)\s*$/,
    partial: /^\s*[^\s<>{}"']*\s*<?$/,
    close: [],
  },
  param: {
    open: spellings("arg_key"),
    end: spellings("arg_value"),
    header: /^(?<key>[^<]+?)\s*(?:<\/arg_key[^>]*>)?\s*$/,
    close: spellings("/arg_value"),
  },
  trim: "none",
};

/** Hunyuan Hy3 and Hy4: GLM's pairs behind a separator; every tag may carry a suffix. */
export const hy3: Dialect = {
  id: "hy3",
  models: ["Hunyuan Hy3", "Hunyuan Hy4"],
  sections: [{ open: spellings("tool_calls"), close: spellings("/tool_calls"), inThinking: true }],
  calls: [{ open: spellings("tool_call"), close: spellings("/tool_call"), body: [hyPairs] }],
  thinking: { open: spellings("think"), close: spellings("/think"), opened: true, defaultOn: false },
  drop: ["<|hy_eos|>", "<｜hy_eos｜>", "<｜hy_eos:opensource｜>"],
  tokens: ["<tool_sep>", "<tool_sep:opensource>"],
  needles: [["<tool_sep"], ["tool_sep"]],
  sample:
    "<tool_calls>\n<tool_call>get_weather<tool_sep>\n<arg_key>city</arg_key>\n<arg_value>Oslo</arg_value>\n</tool_call>\n</tool_calls>",
};

const ifm = (name: string): string => `<ifm|${name}>`;

/** K2-Horizon: pairs, pairs with types, or JSON. */
export const k2Horizon: Dialect = {
  id: "k2-horizon",
  models: ["K2-Horizon"],
  sections: [{ open: [ifm("tool_calls")], close: ["</ifm|tool_calls>"], inThinking: true }],
  calls: [
    {
      open: [ifm("tool_call")],
      close: ["</ifm|tool_call>"],
      inSection: true,
      unknown: "text",
      body: [{ kind: "json" }, pairs(ifm, ["</ifm|tool_call>"])],
    },
  ],
  thinking: { open: [ifm("think")], close: ["</ifm|think>"], opened: true, defaultOn: false },
  drop: ["<ifm|end>"],
  tokens: [ifm("arg_key"), ifm("arg_value"), ifm("arg_type")],
  needles: [["<ifm|tool_calls>"], ["<ifm|"]],
  sample:
    "<ifm|tool_calls><ifm|tool_call>get_weather<ifm|arg_key>city</ifm|arg_key><ifm|arg_value>Oslo</ifm|arg_value></ifm|tool_call></ifm|tool_calls>",
};

/** Kimi K3 "XTML": channels and typed arguments. */
export const kimiK3: Dialect = {
  id: "kimi-k3",
  models: ["Kimi K3"],
  sections: [
    { open: ["<|open|>tools<|sep|>"], close: ["<|close|>tools<|sep|>"], token: true, inThinking: true },
  ],
  calls: [
    {
      open: ["<|open|>call"],
      close: [],
      own: true,
      token: true,
      inSection: true,
      body: [
        {
          kind: "tagged",
          call: {
            open: ["<|open|>call"],
            end: ["<|sep|>"],
            header: /^\s*tool="(?<name>[^"]+)"(?:\s+index="(?<id>[^"]*)")?\s*$/,
            close: ["<|close|>call<|sep|>"],
          },
          param: {
            open: ["<|open|>argument"],
            end: ["<|sep|>"],
            header: /^\s*key="(?<key>[^"]*)"(?:\s+type="(?<type>[^"]*)")?\s*$/,
            close: ["<|close|>argument<|sep|>"],
          },
          trim: "none",
          many: true,
        },
      ],
    },
  ],
  thinking: {
    open: ["<|open|>think<|sep|>"],
    close: ["<|close|>think<|sep|>", "<|open|>response<|sep|>"],
    token: true,
    opened: true,
    defaultOn: false,
    anywhere: true,
  },
  drop: [
    "<|close|>response<|sep|>",
    "<|close|>message<|sep|>",
    '<|open|>message role="assistant"<|sep|>',
    "<|end_of_msg|>",
  ],
  tokens: ["<|open|>", "<|close|>", "<|sep|>"],
  answerHeaders: ['<|open|>message role="assistant"<|sep|>'],
  needles: [["<|open|>", "<|sep|>"]],
  sample:
    '<|open|>tools<|sep|><|open|>call tool="get_weather" index="1"<|sep|><|open|>argument key="city" type="string"<|sep|>Oslo<|close|>argument<|sep|><|close|>call<|sep|><|close|>tools<|sep|>',
};

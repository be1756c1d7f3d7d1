import type { TaggedBody } from "./bodies.ts";
import { functionTags } from "./qwen-coder.ts";
import type { Dialect, ThinkingSyntax } from "./types.ts";

const think: ThinkingSyntax = { open: ["<think>"], close: ["</think>"], opened: true, defaultOn: false };

/** `<invoke name="…">` and `<parameter name="…">` with a prefix of the family. */
function invokeTags(prefix: string, more: Partial<TaggedBody> = {}): TaggedBody {
  return {
    kind: "tagged",
    call: {
      open: [`<${prefix}invoke`],
      end: [">"],
      header: /^\s*name\s*=\s*["']?(?<name>[^"'<>]+?)(?:<[^"]*)?["']?\s*$/,
      close: [`</${prefix}invoke>`],
    },
    param: {
      open: [`<${prefix}parameter`],
      end: [">"],
      header: /^\s*name\s*=\s*["']?(?<key>[^"'<>]+?)["']?(?:\s+string="(?<string>true|false)")?\s*$/,
      close: [`</${prefix}parameter>`],
    },
    trim: "none",
    many: true,
    ...more,
  };
}

/** Seed-OSS: Qwen3-Coder's tags in wrappers of its own. */
export const seedOss: Dialect = {
  id: "seed-oss",
  models: ["Seed-OSS"],
  calls: [
    { open: ["<seed:tool_call>"], close: ["</seed:tool_call>"], body: [functionTags], inThinking: true },
    {
      open: ["<function="],
      close: ["</seed:tool_call>"],
      closeOptional: true,
      stray: true,
      own: true,
      body: [functionTags],
    },
  ],
  thinking: { open: ["<seed:think>"], close: ["</seed:think>"], opened: true, defaultOn: false },
  drop: ["<seed:eos>"],
  tokens: ["<seed:bos>", "<seed:cot_budget_reflect>", "</seed:cot_budget_reflect>"],
  needles: [["<seed:tool_call>"], ["<seed:bos>"]],
  sample:
    "<seed:tool_call>\n<function=get_weather>\n<parameter=city>Oslo</parameter>\n</function>\n</seed:tool_call>",
};

/** MiniMax M2 to M2.7. */
export const minimaxM2: Dialect = {
  id: "minimax-m2",
  models: ["MiniMax-M2", "MiniMax-M2.1", "MiniMax-M2.5", "MiniMax-M2.7"],
  sections: [{ open: ["<minimax:tool_call>"], close: ["</minimax:tool_call>"], inThinking: true }],
  calls: [
    {
      open: ["<invoke"],
      close: [],
      own: true,
      inSection: true,
      inThinking: true,
      body: [invokeTags("", { jsonBody: true })],
    },
    {
      open: ["<invoke name="],
      close: ["</minimax:tool_call>"],
      closeOptional: true,
      own: true,
      known: true,
      stray: true,
      body: [invokeTags("", { jsonBody: true })],
    },
  ],
  thinking: think,
  drop: ["[e~["],
  tokens: ["]~!b[", "]~b]"],
  needles: [["<minimax:tool_call>"]],
  sample:
    '<minimax:tool_call>\n<invoke name="get_weather">\n<parameter name="city">Oslo</parameter>\n</invoke>\n</minimax:tool_call>',
};

const M3 = "]<]minimax[>[";

/** MiniMax M3: every tag behind a token, parameters named by their tags, nested all the way. */
export const minimaxM3: Dialect = {
  id: "minimax-m3",
  models: ["MiniMax-M3"],
  calls: [
    {
      open: [`${M3}<tool_call>`],
      close: [`${M3}</tool_call>`],
      token: true,
      inThinking: true,
      body: [{ kind: "nested", prefix: M3 }],
    },
  ],
  thinking: { open: ["<mm:think>"], close: ["</mm:think>"], opened: true, defaultOn: false },
  drop: ["[e~["],
  tokens: ["]~!b[", "]~b]", M3],
  needles: [[M3], ["<mm:think>"]],
  sample: `${M3}<tool_call>\n${M3}<invoke name="get_weather">${M3}<city>Oslo${M3}</city>${M3}</invoke>\n${M3}</tool_call>`,
};

const DSML = "｜DSML｜";

function dsml(prefix: string): TaggedBody {
  return invokeTags(prefix, { jsonBody: true, wrappers: ["arguments", "input", "parameters"] });
}

/** DeepSeek V3.2, V4 and V4.1: parameters in DSML, which say on the wire whether they are text. */
export const dsmlDialect: Dialect = {
  id: "dsml",
  models: ["DeepSeek V3.2", "DeepSeek V4", "DeepSeek V4 Flash", "DeepSeek V4.1"],
  sections: [
    {
      open: [`<${DSML}function_calls>`, `<${DSML}tool_calls>`, `<${DSML} calls>`],
      close: [`</${DSML}function_calls>`, `</${DSML}tool_calls>`, `</${DSML} calls>`],
      token: true,
      inThinking: true,
    },
  ],
  calls: [
    { open: [`<${DSML}invoke`], close: [], own: true, token: true, body: [dsml(DSML)] },
    { open: [`<${DSML} invoke`], close: [], own: true, token: true, body: [dsml(`${DSML} `)] },
  ],
  thinking: { ...think, token: true },
  drop: ["<｜end▁of▁sentence｜>"],
  tokens: [
    "<｜begin▁of▁sentence｜>",
    "<｜User｜>",
    "<｜Assistant｜>",
    "<function_results>",
    "</function_results>",
    "<tool_result>",
    "</tool_result>",
  ],
  needles: [["｜DSML｜"], ["DSML"]],
  sample: `<${DSML}function_calls>\n<${DSML}invoke name="get_weather">\n<${DSML}parameter name="city" string="true">Oslo</${DSML}parameter>\n</${DSML}invoke>\n</${DSML}function_calls>`,
};

/** Step3: DeepSeek-like tokens around tags of its own. */
export const step3: Dialect = {
  id: "step3",
  models: ["Step3"],
  sections: [
    { open: ["<｜tool_calls_begin｜>"], close: ["<｜tool_calls_end｜>"], token: true, inThinking: true },
  ],
  calls: [
    {
      open: ["<｜tool_call_begin｜>function<｜tool_sep｜>", "<｜tool_call_begin｜>"],
      close: ["<｜tool_call_end｜>"],
      inSection: true,
      token: true,
      body: [invokeTags("steptml:")],
    },
  ],
  thinking: think,
  drop: ["<|EOT|>"],
  tokens: ["<｜tool_sep｜>"],
  needles: [["<steptml:invoke"]],
  sample:
    '<｜tool_calls_begin｜><｜tool_call_begin｜>function<｜tool_sep｜><steptml:invoke name="get_weather"><steptml:parameter name="city">Oslo</steptml:parameter></steptml:invoke><｜tool_call_end｜><｜tool_calls_end｜>',
};

/** MiniCPM5: attributes, values perhaps in CDATA; the model sometimes glues tag and attribute together. */
export const minicpm5: Dialect = {
  id: "minicpm5",
  models: ["MiniCPM5"],
  calls: [
    {
      open: ["<function name=", "<functionname=", "<functionĠname="],
      close: [],
      own: true,
      inThinking: true,
      unknown: "text",
      body: [
        {
          kind: "tagged",
          call: {
            open: ["<function name=", "<functionname=", "<functionĠname="],
            end: [">"],
            header: /^\s*["']?(?<name>[^"'<>]+?)["']?\s*$/,
            close: ["</function>"],
          },
          param: {
            open: ["<param name=", "<paramname=", "<paramĠname="],
            end: [">"],
            header: /^\s*["']?(?<key>[^"'<>]+?)["']?\s*$/,
            close: ["</param>"],
          },
          trim: "none",
          many: true,
          cdata: true,
          unique: true,
          closed: true,
          wrappers: ["arguments", "properties", "parameters"],
        },
      ],
    },
  ],
  thinking: think,
  drop: ["<|im_end|>", "</s>"],
  tokens: ["<|im_start|>", "<tool_response>", "</tool_response>"],
  needles: [["<function name=", "<param name="]],
  sample: '<function name="get_weather"><param name="city">Oslo</param></function>',
};

/** Dots: invoke tags or a JSON object in one wrapper. */
export const dots: Dialect = {
  id: "dots",
  models: ["Dots"],
  calls: [
    {
      open: ["<dots_function_call>"],
      close: ["</dots_function_call>"],
      body: [invokeTags(""), { kind: "json" }],
    },
  ],
  thinking: think,
  drop: ["</dots_function_call>", "<|endofassistant|>"],
  tokens: ["<|userprompt|>", "<|endofuserprompt|>", "<|response|>", "<|endofresponse|>"],
  needles: [["<dots_function_call>"]],
  sample:
    '<dots_function_call><invoke name="get_weather"><parameter name="city">Oslo</parameter></invoke></dots_function_call>',
};

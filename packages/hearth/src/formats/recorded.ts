import type { JsonObject } from "../protocol/index.ts";

/**
 * The parsers and templates of Ollama, llama.cpp and vLLM whose texts were recorded, by the format they read. The options say
 * what the owner's class does beyond the format: where its answers begin, whether it reads calls at all. The same as
 * `test/conformance/families.json`; a test holds them together.
 */
export const recorded: Readonly<Record<string, readonly { names: string; options?: JsonObject }[]>> = {
  apertus: [{ names: "Apertus-8B-Instruct ApertusToolParser" }],
  "apriel-1.6": [{ names: "Apriel-1.6-15b-Thinker-fixed" }],
  beam: [{ names: "BeamParser", options: { start: "thinking" } }],
  "seed-oss": [
    { names: "ByteDance-Seed-OSS SeedOssParserToolAdapter" },
    { names: "SeedOssParser", options: { start: "thinking" } },
    { names: "SeedOssParserReasoningAdapter", options: { start: "thinking", calls: false } },
  ],
  "deepseek-v3": [
    {
      names:
        "CogitoParser deepseek-ai-DeepSeek-R1-Distill-Llama-8B " +
        "deepseek-ai-DeepSeek-R1-Distill-Qwen-32B deepseek-ai-DeepSeek-V3.1 DeepSeek3Parser " +
        "DeepSeekV31ToolParser DeepSeekV3ToolParser llama-cpp-deepseek-r1",
    },
    { names: "DeepSeekR1ReasoningParser", options: { start: "thinking" } },
    { names: "DeepSeekV3ReasoningWithThinkingParser", options: { start: "auto" } },
  ],
  "command-r7b": [
    { names: "Cohere2MoE CohereForAI-c4ai-command-r7b-12-2024-tool_use" },
    { names: "CohereParser", options: { start: "auto" } },
  ],
  "command-r-plus": [{ names: "CohereForAI-c4ai-command-r-plus-tool_use" }],
  dsml: [
    {
      names:
        "deepseek-ai-DeepSeek-V3.2 deepseek-ai-DeepSeek-V4 DeepSeekV32EngineToolParser " +
        "DeepSeekV4EngineToolParser",
    },
    { names: "DeepSeekV32Parser", options: { start: "auto" } },
    { names: "DeepSeekV41Parser", options: { start: "auto", unknown: "text" } },
    { names: "DeepSeekV4Parser", options: { start: "thinking" } },
  ],
  dots: [{ names: "DotsToolParser" }],
  ernie: [
    { names: "Ernie45ReasoningParser", options: { start: "thinking" } },
    { names: "Ernie45ToolParser" },
  ],
  functools: [{ names: "fireworks-ai-llama-3-firefunction-v2 Phi4MiniJsonToolParser" }],
  functiongemma: [{ names: "FunctionGemmaParser FunctionGemmaToolParser" }],
  gemma4: [
    { names: "Gemma4EngineToolParser google-gemma-4-31B-it" },
    { names: "Gemma4Parser", options: { start: "auto", unknown: "text" } },
    { names: "Gemma4ParserReasoningAdapter", options: { calls: false } },
  ],
  gigachat: [{ names: "GigaChat3-10B-A1.8B GigaChat3.1-10B-A1.8B" }],
  glimmer: [{ names: "GlimmerParser muse-glimmer" }],
  glm: [
    {
      names:
        "GLM-4.7-Flash GLM46Parser Glm47MoeModelToolParser inclusionai-ling-3.0-flash " +
        "Ling3ToolParser Spark2.5",
    },
    {
      names: "Glm47MoeParser Glm47MoeParserReasoningAdapter GLM47Parser Ling3ParserReasoningAdapter",
      options: { start: "thinking" },
    },
  ],
  gemma3: [{ names: "google-gemma-2-2b-it" }],
  "granite-20b-fc": [{ names: "Granite20bFCToolParser" }],
  hermes: [
    {
      names:
        "Granite4ToolParser Hermes2ProToolParser ibm-granite-granite-4.0 " +
        "ibm-granite-granite-4.1 MiMo-VL NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use " +
        "NousResearch-Hermes-3-Llama-3.1-8B-tool_use ParserEngine Qwen-Qwen2.5-7B-Instruct " +
        "Qwen-QwQ-32B Qwen3ReasoningHermesToolParser Qwen3ReasoningNoToolParser Reka-Edge",
    },
    { names: "Qwen3VLParser", options: { start: "auto" } },
  ],
  granite: [
    {
      names:
        "GraniteEngineToolParser GraniteParser GraniteReasoningParser " +
        "ibm-granite-granite-3.3-2B-Instruct",
    },
  ],
  "qwen3-coder": [
    {
      names:
        "GraniteThinkingParser MiMoParser NemotronV3Parser NemotronV3ParserReasoningAdapter " +
        "Step3p5Parser Step3p5ParserReasoningAdapter",
      options: { start: "thinking" },
    },
    { names: "GraniteThinkingParserReasoningAdapter Qwen3Parser", options: { start: "auto" } },
    {
      names:
        "Nemotron3NanoParser NVIDIA-Nemotron-3-Nano-30B-A3B-BF16 Qwen3-Coder Qwen3.5-4B " +
        "Qwen35Parser Qwen3CoderParser Qwen3EngineToolParser Step3p5ToolParser StepFun3.5-Flash",
    },
    { names: "Qwen3ParserReasoningAdapter", options: { start: "thinking", calls: false } },
  ],
  "tool-calls-json": [{ names: "HunyuanA13BReasoningParser HunyuanA13BToolParser JambaToolParser" }],
  hy3: [{ names: "HYV3ReasoningParser", options: { start: "auto" } }, { names: "HYV3ToolParser" }],
  inkling: [{ names: "InklingEngineToolParser InklingParser" }],
  internlm2: [{ names: "Internlm2ToolParser" }],
  "k2-horizon": [{ names: "K2HorizonReasoningParser K2HorizonToolParser" }],
  "kimi-k2": [
    { names: "Kimi-K2-Instruct Kimi-K2-Thinking KimiK2ToolParser moonshotai-Kimi-K2" },
    { names: "KimiK2Parser", options: { start: "thinking" } },
    { names: "KimiK2ParserReasoningAdapter", options: { start: "thinking", calls: false } },
  ],
  "kimi-k3": [{ names: "Kimi-K3" }, { names: "ReasoningOnlyParser", options: { start: "auto" } }],
  laguna: [{ names: "LagunaParser PoolsideV1ToolParser" }],
  lfm2: [{ names: "LFM2-8B-A1B LFM2.5-8B-A1B LFM2.5-Instruct LFM2Parser Lfm2ToolParser" }],
  "llama-json": [
    {
      names:
        "Llama3JsonToolParser meta-llama-Llama-3.1-8B-Instruct meta-llama-Llama-3.2-3B-Instruct " +
        "meta-llama-Llama-3.3-70B-Instruct",
    },
  ],
  pythonic: [{ names: "Llama4PythonicToolParser PythonicToolParser" }],
  longcat: [{ names: "LongcatFlashToolParser" }],
  "functionary-v3.1": [{ names: "meetkai-functionary-medium-v3.1" }],
  "functionary-v3.2": [{ names: "meetkai-functionary-medium-v3.2" }],
  minicpm5: [{ names: "MiniCPM5XMLToolParser openbmb-MiniCPM5-1B" }],
  "minicpm-v": [{ names: "MiniCPMVParserReasoningAdapter" }],
  "minimax-m2": [
    { names: "MiniMax-M2 MinimaxM2ToolParser" },
    { names: "MinimaxM2Parser MiniMaxM2ReasoningParser", options: { start: "thinking" } },
  ],
  "minimax-m3": [
    { names: "MiniMax-M3 MinimaxM3ToolParser" },
    { names: "MiniMaxM3ReasoningParser", options: { start: "auto" } },
  ],
  "mistral-v11": [
    { names: "MinistralParser", options: { start: "auto" } },
    {
      names:
        "Mistral-Small-3.2-24B-Instruct-2506 mistralai-Ministral-3-14B-Reasoning-2512 " +
        "MistralParser MistralToolParser unsloth-mistral-Devstral-Small-2507",
    },
  ],
  "mistral-v3": [{ names: "mistralai-Mistral-Nemo-Instruct-2407" }],
  "nemotron-v2": [{ names: "NVIDIA-Nemotron-Nano-v2" }],
  olmo3: [
    { names: "Olmo3Parser Olmo3PythonicToolParser" },
    { names: "Olmo3ReasoningParser", options: { start: "auto" } },
    { names: "Olmo3ThinkParser", options: { start: "thinking" } },
  ],
  harmony: [{ names: "openai-gpt-oss-120b" }],
  "plamo-3": [{ names: "Plamo3Parser", options: { start: "auto" } }],
  step3: [{ names: "Step3ToolParser" }],
  apriel: [{ names: "unsloth-Apriel-1.5" }],
  xlam: [{ names: "xLAMToolParser" }],
};

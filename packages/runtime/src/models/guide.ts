/** The day on which these facts were gathered. Boards and cards change: measure on your own tools with `hearth eval`. */
export const GUIDE_DATE = "2026-11-21";

/** One figure that somebody published. */
export interface Score {
  what: string;
  /** As published: points, percent, or a count. */
  value: string;
  source: string;
  /** `vendor`: of the maker; `board`: a public leaderboard; `user`: somebody's own test. */
  by: "vendor" | "board" | "user";
}

/** One size of a model. */
export interface GuideModel {
  /** What `hearth pull` takes: Ollama's name. */
  name: string;
  title: string;
  /** Of the usual 4-bit file. */
  bytes: number;
  maxContextTokens?: number;
  /** Cache of one token at 16 bits. */
  kvBytes?: number;
  /** Cache that does not grow with the window, for hybrid and windowed models. */
  fixedBytes?: number;
  license: string;
  /** How it writes calls. */
  format: string;
  thinking: string;
  scores: readonly Score[];
  note?: string;
  /** Facts of this row that nobody has checked: fields, or `name`. Sizes that are computed from the parameters are among them. */
  unverified: readonly string[];
}

interface Family {
  title: string;
  license: string;
  format: string;
  thinking: string;
  maxContextTokens?: number;
  note?: string;
  unverified?: readonly string[];
  sizes: readonly Size[];
}

type Size = Pick<GuideModel, "name"> & {
  size: string;
  /** Of the file in GB; where it is not known, parameters in billions. */
  gb?: number;
  billions?: number;
  kvKib?: number;
  fixedMib?: number;
  maxContextTokens?: number;
  scores?: readonly Score[];
  note?: string;
  unverified?: readonly string[];
};

/** Bytes of a weight in a Q4_K_M file, scales and the wider tensors included: about 4.8 bits. */
const BYTES_PER_WEIGHT = 0.6;

const BOARD = "BFCL v4 leaderboard, 2026-04-12";
const bfcl = (value: string): Score => ({ what: "BFCL v4 overall", value, source: BOARD, by: "board" });
const vendor = (what: string, value: string): Score => ({ what, value, source: "model card", by: "vendor" });
const user = (what: string, value: string, source: string): Score => ({ what, value, source, by: "user" });

const APACHE = "Apache-2.0";
const HERMES = "JSON in <tool_call>";
const XML = "XML: function and parameter tags";
const MISTRAL = "[TOOL_CALLS]";

const FAMILIES: readonly Family[] = [
  {
    title: "Qwen3.5",
    license: APACHE,
    format: XML,
    thinking: "on by default",
    maxContextTokens: 262_144,
    sizes: [
      { name: "qwen3.5:0.8b", size: "0.8B", gb: 1.0, note: "Thinking is off by default at some hosts." },
      { name: "qwen3.5:2b", size: "2B", billions: 2 },
      {
        name: "qwen3.5:4b",
        size: "4B",
        gb: 3.4,
        scores: [user("tool calls, 40 cases", "97.5 %", "JD Hodges")],
        unverified: ["bytes"],
      },
      {
        name: "qwen3.5:9b",
        size: "9B",
        gb: 6.6,
        scores: [
          vendor("BFCL v4", "66.1"),
          user("BFCL v4", "60.6", "an archived run of December 2025"),
          vendor("TAU2", "79.1"),
        ],
      },
      { name: "qwen3.5:27b", size: "27B", billions: 27, kvKib: 64, fixedMib: 149.6 },
      {
        name: "qwen3.5:35b-a3b",
        size: "35B-A3B",
        gb: 24,
        kvKib: 20,
        fixedMib: 62.8,
        scores: [vendor("BFCL v4", "67.3")],
      },
      { name: "qwen3.5:122b-a10b", size: "122B-A10B", billions: 122, scores: [vendor("BFCL v4", "72.2")] },
    ],
  },
  {
    title: "Qwen3.6",
    license: APACHE,
    format: XML,
    thinking: "yes; earlier thoughts can be kept",
    maxContextTokens: 262_144,
    sizes: [
      {
        name: "qwen3.6:27b",
        size: "27B",
        billions: 27,
        kvKib: 64,
        fixedMib: 149.6,
        scores: [vendor("SWE-bench Verified", "77.2"), user("tool calls", "76.9 %", "a consumer test")],
      },
      {
        name: "qwen3.6:35b-a3b",
        size: "35B-A3B",
        gb: 24,
        kvKib: 20,
        fixedMib: 62.8,
        scores: [vendor("SWE-bench Verified", "73.4")],
        unverified: ["bytes"],
      },
    ],
  },
  {
    title: "Qwen3",
    license: APACHE,
    format: HERMES,
    thinking: "can be switched",
    maxContextTokens: 40_960,
    sizes: [
      { name: "qwen3:0.6b", size: "0.6B", billions: 0.6, scores: [bfcl("23.9")] },
      { name: "qwen3:1.7b", size: "1.7B", billions: 1.7, scores: [bfcl("28.4")] },
      {
        name: "qwen3:4b",
        size: "4B",
        billions: 4,
        kvKib: 144,
        maxContextTokens: 262_144,
        scores: [bfcl("35.7")],
        note: "The figures are those of the 2507 release.",
      },
      { name: "qwen3:8b", size: "8B", billions: 8.2, kvKib: 144, scores: [bfcl("42.6")] },
      { name: "qwen3:14b", size: "14B", billions: 14.8, kvKib: 160, scores: [bfcl("41.0")] },
      {
        name: "qwen3:30b-a3b",
        size: "30B-A3B",
        gb: 19,
        kvKib: 96,
        maxContextTokens: 262_144,
        scores: [bfcl("41.4")],
        note: "The figures are those of the 2507 release.",
        unverified: ["bytes"],
      },
      { name: "qwen3:32b", size: "32B", billions: 32.8, kvKib: 256, scores: [bfcl("48.7")] },
    ],
  },
  {
    title: "Qwen3-Coder",
    license: APACHE,
    format: XML,
    thinking: "no",
    maxContextTokens: 262_144,
    note: "Often leaves the opening of a call away, which some servers can't read (ollama#16686); Hearth reads it.",
    sizes: [
      {
        name: "qwen3-coder:30b",
        size: "30B-A3B",
        gb: 19,
        kvKib: 96,
        scores: [user("tool calls", "58 %", "a private test, where peers had 97 %: the server's parser")],
      },
    ],
  },
  {
    title: "Gemma 4",
    license: APACHE,
    format: "<|tool_call>call:NAME{…}<tool_call|>",
    thinking: "can be switched",
    sizes: [
      { name: "gemma4:e2b", size: "E2B", billions: 5.1, maxContextTokens: 131_072 },
      { name: "gemma4:e4b", size: "E4B", gb: 9.6, maxContextTokens: 131_072 },
      {
        name: "gemma4:26b",
        size: "26B-A4B",
        billions: 26,
        maxContextTokens: 262_144,
        scores: [vendor("TAU2 retail", "85.5")],
        note: "Must not be told to leave thinking away when it has tools.",
      },
      {
        name: "gemma4:31b",
        size: "31B",
        gb: 19,
        maxContextTokens: 262_144,
        scores: [vendor("TAU2 retail", "86.4"), user("tool calls", "70.5 %", "a consumer test")],
        unverified: ["bytes"],
      },
    ],
  },
  {
    title: "gpt-oss",
    license: APACHE,
    format: "Harmony channels",
    thinking: "low, medium, high",
    maxContextTokens: 131_072,
    sizes: [
      {
        name: "gpt-oss:20b",
        size: "20B",
        gb: 14,
        kvKib: 24,
        fixedMib: 18,
        scores: [
          user("tool mathematics", "23 of 25", "thefocus.ai, 2026-05"),
          user("tool calls", "97 %", "fromthematrix"),
        ],
      },
      { name: "gpt-oss:120b", size: "120B", gb: 65 },
    ],
  },
  {
    title: "Granite 4.1",
    license: APACHE,
    format: HERMES,
    thinking: "no",
    maxContextTokens: 131_072,
    sizes: [
      { name: "granite4.1:3b", size: "3B", gb: 2, kvKib: 80, unverified: ["name", "bytes"] },
      {
        name: "granite4.1:8b",
        size: "8B",
        billions: 8.2,
        kvKib: 160,
        scores: [vendor("BFCL v3", "68.3")],
        unverified: ["name"],
      },
      { name: "granite4.1:30b", size: "30B", billions: 30, kvKib: 256, unverified: ["name"] },
    ],
  },
  {
    title: "Ministral 3",
    license: APACHE,
    format: MISTRAL,
    thinking: "in variants of its own",
    maxContextTokens: 262_144,
    unverified: ["maxContextTokens"],
    sizes: [
      { name: "ministral-3:3b", size: "3B", gb: 2.8, scores: [user("agentic tasks", "85.1 %", "alyx")] },
      { name: "ministral-3:8b", size: "8B", billions: 8 },
      { name: "ministral-3:14b", size: "14B", billions: 14 },
    ],
  },
  {
    title: "Devstral Small 2",
    license: APACHE,
    format: MISTRAL,
    thinking: "no",
    maxContextTokens: 262_144,
    unverified: ["license", "maxContextTokens", "bytes"],
    sizes: [
      {
        name: "devstral-small-2:24b",
        size: "24B",
        gb: 15,
        scores: [user("tool calls", "71 of 71", "fromthematrix")],
      },
    ],
  },
  {
    title: "LFM2.5",
    license: "LFM Open License (not Apache: read it)",
    format: "Python calls in <|tool_call_start|>",
    thinking: "some",
    unverified: ["name"],
    sizes: [
      {
        name: "lfm2.5:1.2b",
        size: "1.2B",
        billions: 1.2,
        maxContextTokens: 32_768,
        scores: [user("restraint", "tied first", "a user's test")],
      },
      {
        name: "lfm2.5:8b-a1b",
        size: "8B-A1B",
        billions: 8.3,
        maxContextTokens: 131_072,
        scores: [vendor("BFCL v4", "49.7")],
      },
    ],
  },
  {
    title: "Nemotron 3 Nano",
    license: "NVIDIA Open Model License",
    format: XML,
    thinking: "yes",
    maxContextTokens: 1_000_000,
    sizes: [
      { name: "nemotron-3-nano:4b", size: "4B", gb: 2.8 },
      {
        name: "nemotron-3-nano:30b",
        size: "30B-A3B",
        gb: 24,
        scores: [user("tool calls", "97 %", "fromthematrix")],
      },
    ],
  },
  {
    title: "Llama",
    license: "Llama Community License",
    format: "JSON, or <|python_tag|>",
    thinking: "no",
    maxContextTokens: 131_072,
    note: "Calls tools when it should not: irrelevant requests were seen through in 43 % (8B) and 54 % (70B).",
    sizes: [
      { name: "llama3.1:8b", size: "3.1 8B", gb: 4.9, kvKib: 128, scores: [bfcl("25.8 (by prompt)")] },
      { name: "llama3.3:70b", size: "3.3 70B", gb: 40, scores: [bfcl("31.9")] },
    ],
  },
];

/** What to take first, by the memory that weights and a window of 16,384 tokens need; best first in a line. */
export const PICKS: readonly { memoryGb: number; names: readonly string[] }[] = [
  { memoryGb: 4, names: ["qwen3.5:4b", "granite4.1:3b"] },
  { memoryGb: 8, names: ["qwen3.5:9b"] },
  { memoryGb: 16, names: ["gpt-oss:20b"] },
  { memoryGb: 24, names: ["qwen3.6:27b", "devstral-small-2:24b"] },
  { memoryGb: 32, names: ["qwen3.6:35b-a3b", "gemma4:26b"] },
];

/** The guide, a size a row. */
export const GUIDE: readonly GuideModel[] = FAMILIES.flatMap((family) => {
  const { title, sizes, note, unverified = [], ...common } = family;
  return sizes.map(({ size, gb, billions = 0, kvKib, fixedMib, scores = [], ...own }): GuideModel => {
    const notes = [note, own.note].filter((text) => text !== undefined).join(" ");
    return {
      ...common,
      title: `${title} ${size}`,
      bytes: Math.round((gb ?? billions * BYTES_PER_WEIGHT) * 1e9),
      ...(kvKib === undefined ? {} : { kvBytes: kvKib * 1024 }),
      ...(fixedMib === undefined ? {} : { fixedBytes: Math.round(fixedMib * 1024 * 1024) }),
      scores,
      ...own,
      ...(notes === "" ? {} : { note: notes }),
      unverified: [
        ...new Set([...unverified, ...(own.unverified ?? []), ...(gb === undefined ? ["bytes"] : [])]),
      ],
    };
  });
});

/**
 * What reading costs, beside @ai-sdk-tool/parser in the same run: CPU time over plain words, words mixed with forty calls,
 * and one call with a long argument, in pieces of 4 and of 64 characters. Prints ratios; `--guard` fails where a megabyte
 * costs more than 1.2 times as much a character as ten kilobytes; `--json` for programs.
 */
import { createRequire } from "node:module";
import { createParser } from "../packages/hearth/src/formats/parse.ts";
import type { ToolSchema } from "../packages/hearth/src/protocol/index.ts";

export const PEER = "@ai-sdk-tool/parser";

const tools: ToolSchema[] = [
  {
    name: "write_file",
    description: "Write a file.",
    parameters: { type: "object", properties: { path: { type: "string" }, content: { type: "string" } } },
  },
];

function words(length: number): string {
  let text = "";
  for (let i = 0; text.length < length; i++)
    text += `Paragraph ${i} says that 2 < 3, quotes {braces} and [brackets], and goes on as prose does. `;
  return text.slice(0, length);
}

function code(length: number): string {
  let text = "";
  for (let i = 0; text.length < length; i++)
    text += `  const line${i} = list[${i}] < limit && "text" || '<div>';\n`;
  return text.slice(0, length);
}

type Write = (content: string) => string;

const writers: Record<string, Write> = {
  hermes: (content) =>
    `<tool_call>\n${JSON.stringify({ name: "write_file", arguments: { path: "a.ts", content } })}\n</tool_call>`,
  "qwen3-coder": (content) =>
    `<tool_call>\n<function=write_file>\n<parameter=path>\na.ts\n</parameter>\n<parameter=content>\n${content}\n</parameter>\n</function>\n</tool_call>`,
};

function mixed(write: Write): string {
  let text = "";
  for (let i = 0; i < 40; i++) text += `${words(1200)}\n${write(code(1100))}\n`;
  return text;
}

/** CPU nanoseconds a character, the least of so many runs. */
function cost(run: () => void, characters: number, repeat: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < repeat; i++) {
    const start = process.cpuUsage();
    run();
    const spent = process.cpuUsage(start);
    best = Math.min(best, ((spent.user + spent.system) * 1000) / characters);
  }
  return best;
}

function ours(format: string, text: string, size: number, times = 1): () => void {
  return () => {
    for (let n = 0; n < times; n++) {
      const parser = createParser(format, { tools });
      for (let at = 0; at < text.length; at += size) parser.push(text.slice(at, at + size));
      parser.end();
    }
  };
}

export interface FormatsBench {
  /** MB a second of CPU time, by format, text and size of the pieces. */
  speed: Record<string, number>;
  /** Cost a character of a 1 MB argument over that of a 10 KB one, in pieces of 4. */
  growth: Record<string, number>;
  /** How many times the peer's speed; absent where the peer is not installed. */
  peer?: Record<string, number>;
}

export function measureOurs(): FormatsBench {
  const speed: FormatsBench["speed"] = {};
  const growth: FormatsBench["growth"] = {};
  for (const [format, write] of Object.entries(writers)) {
    const texts = { words: words(100_000), mixed: mixed(write), long: write(code(90_000)) };
    for (const [name, text] of Object.entries(texts))
      for (const size of [4, 64]) {
        const times = 10;
        ours(format, text, size, times)();
        const nanoseconds = cost(ours(format, text, size, times), text.length * times, 5);
        speed[`${format} ${name} ${size}`] = round(1000 / nanoseconds);
      }
    growth[format] = growthOf(format, write);
  }
  return { speed, growth };
}

/** The two are measured in turn, so that both meet the machine in the same mood. */
function growthOf(format: string, write: Write): number {
  const short = write(code(10_000));
  const long = write(code(1_000_000));
  const times = 100;
  let small = Number.POSITIVE_INFINITY;
  let large = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 9; i++) {
    small = Math.min(small, cost(ours(format, short, 4, times), short.length * times, 1));
    large = Math.min(large, cost(ours(format, long, 4), long.length, 1));
  }
  return round(large / small);
}

interface Peer {
  hermesProtocol(): PeerProtocol;
  qwen3CoderProtocol?(): PeerProtocol;
}

interface PeerProtocol {
  createStreamParser(options: { tools: object[] }): TransformStream<object, object>;
}

async function loadPeer(): Promise<Peer | undefined> {
  const from = process.env.HEARTH_BENCH_PEER;
  try {
    const path = createRequire(from === undefined ? import.meta.url : `${from}/package.json`).resolve(PEER);
    return (await import(path)) as Peer;
  } catch {
    return undefined;
  }
}

async function peerRun(protocol: PeerProtocol, text: string, size: number): Promise<number> {
  const stream = protocol.createStreamParser({
    tools: tools.map((tool) => ({ type: "function", name: tool.name, inputSchema: tool.parameters })),
  });
  const start = process.cpuUsage();
  const reader = stream.readable.getReader();
  const reading = (async () => {
    while (!(await reader.read()).done);
  })();
  const writer = stream.writable.getWriter();
  await writer.write({ type: "text-start", id: "1" });
  for (let at = 0; at < text.length; at += size)
    await writer.write({ type: "text-delta", id: "1", delta: text.slice(at, at + size) });
  await writer.write({ type: "text-end", id: "1" });
  await writer.write({ type: "finish", finishReason: "stop", usage: {} });
  await writer.close();
  await reading;
  const spent = process.cpuUsage(start);
  return ((spent.user + spent.system) * 1000) / text.length;
}

/** The peer reads the same texts once; it needs no repeating to be far off. */
export async function measurePeer(): Promise<Record<string, number> | undefined> {
  const peer = await loadPeer();
  if (peer === undefined) return undefined;
  const times: Record<string, number> = {};
  for (const [format, write] of Object.entries(writers)) {
    const protocol = format === "hermes" ? peer.hermesProtocol() : peer.qwen3CoderProtocol?.();
    if (protocol === undefined) continue;
    for (const [name, text] of [
      ["mixed", mixed(write)],
      ["long", write(code(90_000))],
    ] as const) {
      ours(format, text, 4, 10)();
      const own = cost(ours(format, text, 4, 10), text.length * 10, 5);
      times[`${format} ${name}`] = Math.round((await peerRun(protocol, text, 4)) / own);
    }
  }
  return times;
}

const round = (value: number): number => Math.round(value * 100) / 100;

if (import.meta.main) {
  const bench = measureOurs();
  const guard = process.argv.includes("--guard");
  if (!guard) {
    const peer = await measurePeer();
    if (peer !== undefined) bench.peer = peer;
  }
  console.log(JSON.stringify(bench, null, process.argv.includes("--json") ? 0 : 2));
  const steep = Object.entries(bench.growth).filter(([, ratio]) => ratio > 1.2);
  if (guard && steep.length > 0) {
    console.error(
      `A megabyte costs more a character than ten kilobytes: ${steep.map((one) => one.join(" ")).join(", ")}`,
    );
    process.exitCode = 1;
  }
}

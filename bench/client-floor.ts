/** What a program pays that does it by hand: global `fetch`, the stream cut into lines, the calls run, and nothing else. */

interface FloorMessage {
  role: string;
  content: string;
  tool_calls?: unknown[];
  tool_call_id?: string;
  tool_name?: string;
}

/** One piece of the stream: its text, its whole calls. */
interface Piece {
  text: string;
  calls: { id: string; function: { name: string; arguments: { a: number; b: number } | string } }[];
}

const wires = {
  ollama: {
    path: "/api/chat",
    piece: (line: string): Piece | undefined => {
      if (line === "") return undefined;
      const { message } = JSON.parse(line);
      return { text: message.content, calls: message.tool_calls ?? [] };
    },
  },
  openai: {
    path: "/v1/chat/completions",
    piece: (line: string): Piece | undefined => {
      if (!line.startsWith("data: {")) return undefined;
      const delta = JSON.parse(line.slice(6)).choices[0]?.delta;
      return delta === undefined ? undefined : { text: delta.content ?? "", calls: delta.tool_calls ?? [] };
    },
  },
};

export async function floorLoop(
  url: string,
  wire: "ollama" | "openai",
  tool: {
    name: string;
    description: string;
    parameters: object;
    run: (args: { a: number; b: number }) => number;
  },
): Promise<{ text: string; steps: number }> {
  const { path, piece } = wires[wire];
  const { run, ...schema } = tool;
  const messages: FloorMessage[] = [{ role: "user", content: "Add." }];
  for (let steps = 1; ; steps++) {
    const response = await fetch(url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        model: "bench",
        messages,
        tools: [{ type: "function", function: schema }],
        stream: true,
      }),
    });
    const decoder = new TextDecoder();
    const calls: Piece["calls"] = [];
    let held = "";
    let text = "";
    for await (const chunk of response.body!) {
      held += decoder.decode(chunk, { stream: true });
      const lines = held.split("\n");
      held = lines.pop() ?? "";
      for (const line of lines) {
        const got = piece(line);
        if (got === undefined) continue;
        text += got.text;
        calls.push(...got.calls);
      }
    }
    if (calls.length === 0) return { text, steps };
    messages.push({ role: "assistant", content: text, tool_calls: calls });
    for (const call of calls) {
      const args = call.function.arguments;
      const sum = run(typeof args === "string" ? JSON.parse(args) : args);
      messages.push({
        role: "tool",
        content: String(sum),
        tool_name: call.function.name,
        tool_call_id: call.id,
      });
    }
  }
}

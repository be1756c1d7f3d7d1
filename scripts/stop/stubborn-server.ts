/** An MCP server whose only tool never answers, and that ignores SIGTERM. */
import { createInterface } from "node:readline";

process.on("SIGTERM", () => undefined);
setInterval(() => undefined, 1000);
const TOOLS = [{ name: "never", description: "Never answers.", inputSchema: { type: "object" } }];
createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method }: { id?: number; method?: string } = JSON.parse(line);
  if (id === undefined || method === "tools/call") return;
  const result =
    method === "initialize"
      ? {
          protocolVersion: "2025-06-18",
          capabilities: { tools: {} },
          serverInfo: { name: "s", version: "1" },
        }
      : { tools: TOOLS };
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, result })}\n`);
});

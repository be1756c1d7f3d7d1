/** Hearth's MCP client as the conformance suite drives it: connects to the URL it is given, lists tools, calls what is there. */
import { connectMcp } from "@hearth/tools";
import { exampleOf, isObject } from "hearth";

const url = process.argv.at(-1) ?? "";
const set = await connectMcp({ servers: [{ kind: "http", url }], workspace: process.cwd() });
for (const tool of set.tools) {
  const example = exampleOf(tool.parameters);
  const args = isObject(example) ? example : {};
  const context = {
    signal: AbortSignal.timeout(20_000),
    runId: "r",
    callId: "c",
    workspace: process.cwd(),
    output() {},
  };
  console.log(tool.name, JSON.stringify(args), JSON.stringify(await tool.run(args, context)));
}
await set.close();
process.exit();

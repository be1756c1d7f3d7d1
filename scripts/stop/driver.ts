/** A process with four tools that don't want to end, for `npm run prove:stop`. Arguments: state folder, workspace, mark. */
import { heedStop } from "@hearth/runtime";
import { allTools, connectMcp, processHalt } from "@hearth/tools";
import { agent, scripted, type Tool } from "hearth";

const [state = "", workspace = "", mark = ""] = process.argv.slice(2);
const python = `import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint("${mark}", flush=True)\ntime.sleep(100)`;
const node = `process.on("SIGTERM", () => {}); console.log("${mark}"); setInterval(() => {}, 1000);`;
const server = new URL("stubborn-server.ts", import.meta.url).pathname;
const mcp = await connectMcp({
  servers: [{ kind: "stdio", program: process.execPath, args: [server, mark] }],
  workspace,
});
const deaf: Tool = {
  name: "deaf",
  description: "Heeds nothing",
  parameters: {},
  effect: "none",
  run: () => new Promise(() => undefined),
};
heedStop({ state }, "driver", (text) => console.error(text));
const run = agent({
  model: scripted([
    {
      calls: [
        { name: "run_python", args: { code: python } },
        { name: "execute_code", args: { code: node, language: "node" } },
        { name: "never", args: {} },
        { name: "deaf", args: {} },
      ],
    },
  ]),
  tools: [...allTools({ workspace }), ...mcp.tools, deaf],
  halt: processHalt,
  workspace,
}).run("Go.");
// The sandboxed ones say that they have begun; the others have by then.
let begun = 0;
for await (const event of run) if (event.type === "call.output" && ++begun === 2) console.log("running");
const { stopReason } = await run;
console.log(`ended ${stopReason}`);
await new Promise((resolve) => setTimeout(resolve, 500));
process.exit();

import { NODE_INSIDE } from "./bwrap.ts";
import { type Launcher, runPipeline } from "./run.ts";
import { type Sandbox, systemPython } from "./tested.ts";

/** No isolation: chosen in so many words, and said in every result. */
export function unsafeSandbox(): Sandbox {
  const name = "none";
  const launcher: Launcher = (argv, _limits, request) => {
    const [file = "", ...args] = argv;
    const real = file === NODE_INSIDE ? process.execPath : file;
    const cwd = request.cwd === undefined ? request.workspace : `${request.workspace}/${request.cwd}`;
    const path = [...(request.path ?? []), "/usr/local/bin", "/usr/bin", "/bin"].join(":");
    const env = { PATH: path, HOME: "/tmp", TMPDIR: "/tmp", LANG: "C.UTF-8", ...request.env };
    const words = Object.entries(env).map(([key, value]) => `${key}=${value}`);
    return { file: "/usr/bin/env", args: ["-i", "-C", cwd, ...words, real, ...args] };
  };
  return {
    name,
    ...systemPython(),
    level: () =>
      Promise.resolve({
        name,
        strength: "none",
        probes: [],
        missing: ["--unsafe-no-sandbox: programs run as you, with your files and network"],
      }),
    run: (request) => runPipeline(request, launcher, name),
  };
}

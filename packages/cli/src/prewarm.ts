/** The largest window of the pocket model. */
const POCKET_MAX_TOKENS = 8192;

/**
 * What to start of the embedded engine before anything else is loaded; `undefined` where another engine is wanted. Reads the
 * bare arguments, so that nothing need be imported for it; a wrong guess costs CPU time, never correctness.
 */
export function earlyStart(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): { contextTokens?: number } | undefined {
  if ((args[0] !== "run" && args[0] !== "chat") || args.includes("--help")) return undefined;
  const engine = flagValue(args, ["--engine"]) ?? env["HEARTH_ENGINE"] ?? "auto";
  const model = flagValue(args, ["-m", "--model"]) ?? env["HEARTH_MODEL"] ?? env["MODEL_NAME"] ?? "pocket";
  if ((engine !== "embedded" && engine !== "auto") || !/^(embedded\/)?pocket$/.test(model)) return undefined;
  const wish = Number(flagValue(args, ["--context"]) ?? env["HEARTH_CONTEXT"]);
  return wish > 0 ? { contextTokens: Math.floor(Math.min(wish, POCKET_MAX_TOKENS)) } : {};
}

function flagValue(args: readonly string[], names: readonly string[]): string | undefined {
  for (let i = args.length - 1; i >= 0; i--) {
    const arg = args[i] ?? "";
    if (names.includes(arg)) return args[i + 1];
    const name = names.find((one) => arg.startsWith(`${one}=`));
    if (name !== undefined) return arg.slice(name.length + 1);
  }
  return undefined;
}

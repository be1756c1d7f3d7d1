/**
 * Whether the first thing to do is to start the embedded engine's child, before anything else is loaded. Reads the bare
 * arguments, so that nothing need be imported for it; a wrong guess costs CPU time, never correctness.
 */
export function wantsEmbedded(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (args[0] !== "run" || args.includes("--help")) return false;
  const engine = flagValue(args, ["--engine"]) ?? env["HEARTH_ENGINE"] ?? "auto";
  const model = flagValue(args, ["-m", "--model"]) ?? env["HEARTH_MODEL"] ?? env["MODEL_NAME"];
  return (engine === "embedded" || engine === "auto") && (model === undefined || model === "pocket");
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

import { ToolError } from "hearth";

/**
 * The emergency stop of this process: everything that runs is killed at once and nothing new starts until it is lifted.
 * `hearth stop`, the route and a second SIGINT all end here.
 */
const running = new Set<() => void>();
let why: string | undefined;

/** Kills all that runs in sandboxes of this process; returns how many. Further runs are refused until `liftStop`. */
export function emergencyStop(reason = "The emergency stop was pulled."): number {
  why = reason;
  const killed = running.size;
  for (const kill of running) kill();
  return killed;
}

export function liftStop(): void {
  why = undefined;
}

/** The reason while stopped. */
export function stopped(): string | undefined {
  return why;
}

/** Registers a run; refused while stopped. The answer takes it off the list. */
export function register(kill: () => void): () => void {
  if (why !== undefined) throw new ToolError(why, { remedy: "Nothing runs until the stop is lifted." });
  running.add(kill);
  return () => running.delete(kill);
}

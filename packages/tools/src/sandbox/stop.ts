import { type Halt, ToolError } from "hearth";

/**
 * The emergency stop of this process: everything that runs is ended and nothing new starts until it is lifted.
 * `hearth stop`, the route and a second SIGINT all end here.
 */

/** How long programs have to end by themselves (SIGTERM) before they are killed, milliseconds. */
export const STOP_GRACE_MS = 250;

interface Running {
  kill: () => void;
  terminate: (() => void) | undefined;
}

const running = new Set<Running>();
const listeners = new Set<(reason: string) => void>();
let why: string | undefined;
let watching = false;

/** Ends all that runs in this process: asked first, killed after `STOP_GRACE_MS`. Returns how many. Further runs are refused until `liftStop`. */
export function emergencyStop(reason = "The emergency stop was pulled."): number {
  why = reason;
  const stopping = [...running];
  for (const { kill, terminate } of stopping) (terminate ?? kill)();
  for (const listener of [...listeners]) listener(reason);
  setTimeout(() => {
    // What began in between was refused, but may have been on its way.
    for (const one of new Set([...stopping, ...(why === undefined ? [] : running)]))
      if (running.has(one)) one.kill();
  }, STOP_GRACE_MS).unref();
  return stopping.length;
}

export function liftStop(): void {
  why = undefined;
}

/** The reason while stopped. */
export function stopped(): string | undefined {
  return why;
}

/** The stop as an agent heeds it. */
export const processHalt: Halt = {
  get reason() {
    return why;
  },
  subscribe(pulled) {
    listeners.add(pulled);
    return () => void listeners.delete(pulled);
  },
};

/**
 * Registers a run; refused while stopped. `terminate` asks it to end, `kill` ends it at once; a process that ends kills what is left. The
 * answer takes it off the list.
 */
export function register(kill: () => void, terminate?: () => void): () => void {
  if (why !== undefined) throw new ToolError(why, { remedy: "Nothing runs until the stop is lifted." });
  if (!watching) {
    watching = true;
    process.on("exit", () => {
      for (const one of running) one.kill();
    });
  }
  const one: Running = { kill, terminate };
  running.add(one);
  return () => running.delete(one);
}

import { HearthError } from "../../protocol/index.ts";

/** A Go template can't be read or executed, or takes more than it may. */
export class GoTemplateError extends HearthError {}

/** Nesting without end, which the engine itself refuses, is a fault of the template like any other. */
export function bounded<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof RangeError)
      throw new GoTemplateError("the template is nested too deep", { cause: error });
    throw error;
  }
}

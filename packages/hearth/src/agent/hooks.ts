import type { CallFault, JsonObject } from "../protocol/index.ts";

/** What a program may say to a call before the policy sees it. */
export type GuardDecision =
  | { decision: "allow" }
  | { decision: "deny"; reason?: string }
  | { decision: "modify"; arguments: JsonObject };

/** Places where a program may step in. What a hook throws ends the run as a fault of the program. */
export interface Hooks {
  /** Asked for each valid call before it is run: let it run, refuse it, or run it with other arguments. */
  guardToolCall?(call: {
    callId: string;
    name: string;
    arguments: JsonObject;
  }): GuardDecision | Promise<GuardDecision>;
  /** Asked when a call can't be run; the text it gives is what the model is told, `undefined` leaves Hearth's own. */
  handleInvalidToolRequest?(request: {
    name: string;
    arguments: JsonObject | undefined;
    fault: CallFault;
  }): string | undefined;
}

import type { Detected } from "../detect/detect.ts";
import type { CallStyle } from "../history/probe.ts";

/** Something a template loses or mangles, and what Hearth does about it. */
export interface Finding {
  what:
    | "sandbox"
    | "tools"
    | "system"
    | "history_calls"
    | "parallel_calls"
    | "argument_types"
    | "text_arguments"
    | "object_arguments"
    | "json_results"
    | "results"
    | "ids"
    | "text_beside_calls"
    | "thinking";
  /** What happens, in one sentence. */
  how: string;
  /** What Hearth does instead; absent where nothing can be done. */
  repair?: string;
}

/** How a template wants its conversation, found out by rendering sentinels. */
export interface TemplateTraits {
  /** Renders only where lists may grow and the like; see `TemplateOptions.lenient`. */
  lenient: boolean;
  /** Shows the tools it is given; `system`: only where there is a system message. */
  tools: boolean | "system";
  /** `shown` at every point of a conversation, else `folded` into the first message of the user. */
  system: "shown" | "folded";
  /** Who writes the calls of the history: the template, or Hearth as the text of the message; `none`: nobody can. */
  calls: "template" | "written" | "none";
  style: CallStyle;
  /** Several calls in one turn, or each in a turn of its own. */
  parallel: "together" | "split";
  /** How a result comes out unharmed: as text, as an object where it is JSON (alone, or as a part), or in a message of the user. */
  results: "text" | "object" | "parts" | "user";
  /** Text beside calls is kept. */
  besides: boolean;
  ids: boolean;
  thinking: Thinking;
}

/** Under which name a template reads thinking, and how long it keeps it. */
export interface Thinking {
  field: string | undefined;
  /** `turn`: while results of the same turn come in. */
  kept: "never" | "turn" | "always";
}

export interface Audit {
  format: Detected;
  traits: TemplateTraits;
  findings: Finding[];
}

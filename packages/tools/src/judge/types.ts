/** What the judge says. `ask`: understood, but it changes something, so a person decides. */
export interface Judgement {
  verdict: "allow" | "ask" | "deny";
  /** One or two sentences for the model and the person: what was seen, and what to do instead. */
  reason: string;
}

export const allow = (reason: string): Judgement => ({ verdict: "allow", reason });
export const ask = (reason: string): Judgement => ({ verdict: "ask", reason });
export const deny = (reason: string): Judgement => ({ verdict: "deny", reason });

/** One program to start: its words as they will be handed to it, no shell between. */
export interface Command {
  argv: string[];
  /** Where its error output goes; default: shown. */
  stderr?: "discard" | "stdout";
  /** Its output is thrown away. */
  discard?: boolean;
}

/** A pipeline and when it runs: always, or depending on the one before it. */
export interface Step {
  pipeline: Command[];
  when: "always" | "success" | "failure";
}

/** What a command line comes to: pipelines one after the other, built by us stage by stage. */
export type Plan = Step[];

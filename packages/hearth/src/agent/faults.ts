import type { CallFault } from "../protocol/index.ts";

/** Rounds of invalid calls in which the model is taught how to mend them; 2 repairs, then the strategy changes. */
export const REPAIR_ROUNDS = 2;
/** The round after which the run ends as a loop: it was told twice how, once to do something else. */
export const FAULTS_STOP_AT = REPAIR_ROUNDS + 2;
/** Characters of one message to the model: about 120 tokens. */
export const MAX_FAULT_CHARS = 480;

/** How often in a row calls of one kind failed, and in which step last: calls of one answer are one round. */
export interface FaultRounds {
  rounds: number;
  step: number;
}

/** What is counted together: calls of one tool, or all calls of tools that are not there. */
export function faultKey(reason: CallFault["reason"], name: string): string {
  return reason === "unknown_tool" ? "" : name;
}

/** Whether a fault is the model's to mend; what was refused it is not. */
export function countsAsFault(reason: CallFault["reason"]): boolean {
  return reason !== "refused" && reason !== "forbidden" && reason !== "repeated";
}

/** The round that a fault in this step belongs to. */
export function roundOf(known: FaultRounds | undefined, step: number): number {
  if (known === undefined) return 1;
  return known.step === step ? known.rounds : known.rounds + 1;
}

/** What the model is told: how to mend the call, and after two repairs to do something else. */
export function faultMessage(fault: CallFault, name: string, round: number): string {
  if (round <= REPAIR_ROUNDS) return clip(fault.message);
  const again = fault.reason === "unknown_tool" ? "Tools that do not exist" : `Calls of ${clip(name, 60)}`;
  return clip(
    `${again} have failed ${round} times. Do not try that again. Use a different tool, or answer in words with what you know and say what is missing. The last fault: ${fault.message}`,
  );
}

/** Shortens at a line or a word, and says so. */
export function clip(text: string, most = MAX_FAULT_CHARS): string {
  if (text.length <= most) return text;
  const cut = text.slice(0, most - 2);
  const near = Math.max(cut.lastIndexOf("\n"), cut.lastIndexOf(" "));
  return `${(near > most * 0.7 ? cut.slice(0, near) : cut).toWellFormed()} …`;
}

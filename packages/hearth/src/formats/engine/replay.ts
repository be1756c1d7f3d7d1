import type { State } from "./state.ts";

/** An attempt that came to nothing: its opening marker is text, and what follows is read anew. */
export function replay(machine: State, raw: string, opener: string, code?: string): void {
  const { src } = machine;
  src.unread(raw);
  machine.mode = machine.content;
  machine.unmatched++;
  if (code !== undefined)
    machine.diagnose(code, `${JSON.stringify(opener.trim())} without a call that can be read stays text`);
  const length = Math.max(1, opener.length);
  machine.say(src.text.slice(src.pos, src.pos + length));
  src.pos += length;
}

/**
 * `hearth chat`: one conversation of several runs, from a terminal or from lines on stdin.
 * Owns the session: its messages, its commands, where its lines come from. Does not own how a run is shown (`terminal/`, `follow.ts`).
 */
export { run } from "./chat.ts";

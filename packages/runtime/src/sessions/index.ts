/**
 * Sessions: what was said before, found again in the journal.
 * Owns which run a session goes on from, and its messages. Does not own the journal, nor how a run is driven.
 */
export { completed, type LastSession, lastSession, sessionOf } from "./last.ts";

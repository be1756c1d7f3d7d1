/**
 * An engine and a clock for tests: no network, no time. Owns the script; says nothing of what a real engine would do.
 */
export { type FakeClock, type FakeClockOptions, fakeClock } from "./clock.ts";
export {
  type Script,
  type ScriptedCall,
  type ScriptedEngine,
  type ScriptedOptions,
  type ScriptedRef,
  type ScriptedTurn,
  scripted,
} from "./engine.ts";

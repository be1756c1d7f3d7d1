/**
 * What fits: the window, the estimate of tokens, when and how a prompt is shortened, large results kept outside it.
 * Owns decisions about size, as pure functions. Asks no engine and stores nothing itself.
 */
export * from "./budget.ts";
export * from "./compact.ts";
export * from "./measure.ts";
export * from "./policies.ts";
export * from "./results.ts";
export * from "./retrieve.ts";
export * from "./summary.ts";
export * from "./window.ts";

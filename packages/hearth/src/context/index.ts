/**
 * What fits: the window, token estimates, large results kept outside the prompt.
 * Owns decisions about size. Does not talk to engines and stores nothing itself.
 */
export * from "./results.ts";
export * from "./window.ts";

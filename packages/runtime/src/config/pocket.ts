import { choice } from "./setting.ts";

/** What the pocket model may be given. It is too small to be trusted with more than looking, unless a person says so. */
export const POCKET_SETTINGS = {
  pocketTools: choice({
    about: "What the pocket model is offered: look, tools that only read; all, whatever was chosen.",
    choices: ["look", "all"],
    default: "look",
    scope: "run",
    workspace: (value) => (value === "look" ? undefined : "it may not widen what pocket is offered"),
  }),
} as const;

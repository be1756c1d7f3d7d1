import type { Flag } from "../args/index.ts";

/** Flags of `hearth keys create`. */
export const KEY_FLAGS: readonly Flag[] = [
  { name: "name", placeholder: "TEXT", about: "What the key is for, shown in the list." },
  {
    name: "scope",
    placeholder: "LIST",
    repeats: true,
    about: "What it may do: models, agents, tools, admin. (default: models,agents,tools)",
  },
  { name: "expires", placeholder: "TIME", about: "30d, 12h, 45m, a date, or never. (default: 365d)" },
  {
    name: "model",
    placeholder: "NAME",
    repeats: true,
    about: "A model it may use; others are neither shown nor answered. (default: all)",
  },
  { name: "agent", placeholder: "NAME", repeats: true, about: "An agent it may use. (default: all)" },
  {
    name: "tenant",
    placeholder: "NAME",
    about: "Whose runs and responses it sees. (default: local, the person at this machine)",
  },
  { name: "rate", placeholder: "N", about: "Requests a minute. (default: the service's http.rate)" },
  { name: "runs", placeholder: "N", about: "Runs at once. (default: the service's http.runs)" },
  { name: "open", placeholder: "N", about: "Answers at once. (default: the service's http.open)" },
  { name: "import", about: "Take the key from stdin in place of making one; refused if it can be guessed." },
];

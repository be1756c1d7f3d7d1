import { lowerOnly } from "./rules.ts";
import { decimal, integer } from "./setting.ts";

/** What the service lets its callers do at most. The person at this machine, without a key, has no share that could be used up. */
export const httpLimits = {
  "http.bodyMb": integer({
    about: "The largest body of a request.",
    default: 4,
    unit: "MB",
    scope: "none",
    range: { min: 1, max: 1024 },
    workspace: lowerOnly,
  }),
  "http.headerKb": integer({
    about: "All headers of a request together.",
    default: 16,
    unit: "KB",
    scope: "none",
    range: { min: 1, max: 1024 },
    workspace: lowerOnly,
  }),
  "http.headersTimeout": decimal({
    about: "Time until all headers of a request are there.",
    default: 10,
    unit: "seconds",
    scope: "none",
    range: { min: 0.5, max: 3600 },
    workspace: lowerOnly,
  }),
  "http.requestTimeout": decimal({
    about: "Time until a whole request is there, with its body; answers take as long as they need.",
    default: 60,
    unit: "seconds",
    scope: "none",
    range: { min: 0.5, max: 3600 },
    workspace: lowerOnly,
  }),
  "http.connections": integer({
    about: "Connections at the same time.",
    default: 1024,
    scope: "none",
    range: { min: 1, max: 1_000_000 },
    workspace: lowerOnly,
  }),
  "http.rate": integer({
    about: "Requests of one key a minute; a tenth of them at once.",
    default: 600,
    scope: "none",
    range: { min: 1, max: 10_000_000 },
    workspace: lowerOnly,
  }),
  "http.runs": integer({
    about: "Runs of one key at the same time.",
    default: 16,
    scope: "none",
    range: { min: 1, max: 100_000 },
    workspace: lowerOnly,
  }),
  "http.open": integer({
    about: "Answers of one key that are made or streamed at the same time.",
    default: 64,
    scope: "none",
    range: { min: 1, max: 1_000_000 },
    workspace: lowerOnly,
  }),
} as const;

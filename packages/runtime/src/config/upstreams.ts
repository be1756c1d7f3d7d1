import { loopbackEngine } from "./rules.ts";
import { list } from "./setting.ts";

/** Several engines behind one service (docs/engines.md). */
export const upstreamSettings = {
  alsoEngine: list({
    about:
      "Further engines of the service, each a name or a URL as --engine takes them; models are found on all.",
    default: [],
    defaultText: "none",
    scope: "serve",
    placeholder: "NAME|URL",
    workspace: (engines) => engines.map(loopbackEngine).find((why) => why !== undefined),
  }),
  fallback: list({
    about: "Models that answer, in this order, where no engine of the model asked for can be reached.",
    default: [],
    defaultText: "none",
    scope: "serve",
    placeholder: "MODEL",
  }),
} as const;

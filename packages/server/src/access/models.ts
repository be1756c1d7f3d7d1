import { RequestError } from "../problem.ts";
import { hasScope, type Principal } from "./principal.ts";

/** How the whole loop is named where a model's name is expected. */
const AGENT_PREFIX = "agent:";
/** The agent that the service was started with; other names are models that the same loop runs on. */
export const OWN_AGENTS: ReadonlySet<string> = new Set(["hearth", "default"]);
/** Ollama takes a name without a tag for the newest: both are one model. */
const LATEST = ":latest";

/**
 * May it use what this name stands for: a model, or with `agent:` the loop? A key that is limited to some models gets an agent only
 * where it names that agent too, for an agent has a model of its own.
 */
export function mayUse(principal: Principal, name: string): boolean {
  if (name.startsWith(AGENT_PREFIX)) return mayRun(principal, name.slice(AGENT_PREFIX.length), name);
  return inList(principal.models, name);
}

function mayRun(principal: Principal, agent: string, name: string): boolean {
  if (!hasScope(principal, "agents")) return false;
  if (principal.agents !== undefined) return principal.agents.has(agent);
  if (principal.models === undefined || principal.models.has(name)) return true;
  return !OWN_AGENTS.has(agent) && inList(principal.models, agent);
}

function inList(models: ReadonlySet<string> | undefined, name: string): boolean {
  if (models === undefined || models.has(name)) return true;
  return models.has(name.endsWith(LATEST) ? name.slice(0, -LATEST.length) : name + LATEST);
}

/** Of these, what it may use: what it may not it does not see. */
export function visible<T extends { name: string }>(principal: Principal, models: readonly T[]): T[] {
  return models.filter(({ name }) => mayUse(principal, name));
}

/** Raises 403 unless it may use what this name stands for. */
export function requireModel(principal: Principal, name: string): void {
  if (mayUse(principal, name)) return;
  throw new RequestError(403, `This key may not use "${name}".`, {
    code: "model_not_allowed",
    param: "model",
    remedy: "GET /v1/models lists what it may use.",
  });
}

/**
 * Raises 403 unless it may start the service's own agent with this model. `named`: the request chose it; else it is the one that the
 * service was started with, if it was started with one.
 */
export function requireAgent(principal: Principal, model: string | undefined, named: boolean): void {
  const { agents, models } = principal;
  if (agents?.isDisjointFrom(OWN_AGENTS))
    throw new RequestError(403, "This key may not use the agent.", { code: "agent_not_allowed" });
  // The agent's own model comes with the agent, where the key names the agent.
  if (models === undefined || (!named && agents !== undefined)) return;
  if (model === undefined || model === "")
    throw new RequestError(403, "This key may only use certain models, so the request has to name one.", {
      code: "model_not_allowed",
      param: "model",
      remedy: `Name one of ${[...models].join(", ")}.`,
    });
  requireModel(principal, model);
}

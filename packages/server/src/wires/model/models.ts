import type { ModelInfo } from "hearth";
import { type Principal, visible } from "../../access/index.ts";
import type { WireContext } from "../context.ts";
import { AGENT_MODEL } from "./agent-answer.ts";

/** The engine's models, best known first, then the service's own agent: of these, what whoever asks may use. */
export async function knownModels(
  { agent }: Pick<WireContext, "agent">,
  by: Principal,
  signal: AbortSignal,
): Promise<ModelInfo[]> {
  const models = await agent.model.engine.models(signal);
  const own: ModelInfo = { name: AGENT_MODEL, capabilities: ["completion"], details: { owner: "hearth" } };
  return visible(by, [...models, own]);
}

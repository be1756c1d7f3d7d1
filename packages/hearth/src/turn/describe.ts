import type { Clock, Engine, ModelInfo } from "../engines/types.ts";

/** How long what an engine said of a model is believed: runs that follow each other need not ask again. */
const BELIEVED_MS = 10_000;

interface Known {
  info: ModelInfo;
  untilMs: number;
}

const known = new WeakMap<Engine, Map<string, Known>>();

/** `engine.describe`, remembered for ten seconds an engine and model. Failures are not remembered. */
export async function describeModel(
  engine: Engine,
  model: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<ModelInfo> {
  const models = known.get(engine) ?? new Map<string, Known>();
  known.set(engine, models);
  const last = models.get(model);
  if (last !== undefined && clock.now() < last.untilMs) return last.info;
  const info = await engine.describe(model, signal);
  models.set(model, { info, untilMs: clock.now() + BELIEVED_MS });
  return info;
}

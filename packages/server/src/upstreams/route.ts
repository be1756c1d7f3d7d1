import type { ModelInfo } from "hearth";

/** An engine as the choice sees it. */
export interface Candidate {
  /** What it is called in `NAME/MODEL`. */
  name: string;
  isWell: boolean;
  /** What it has, as it last said; `undefined` where it never answered. */
  models: readonly ModelInfo[] | undefined;
}

/** One engine to ask, and the name it knows the model by. */
export interface Way {
  engine: string;
  model: string;
}

/** A name that stands for any model with an ability: `auto`, or `auto:vision`. */
const ANY = /^auto(?::([\w-]+))?$/;

/**
 * The ways to a model, best first: the engine that is named with it, else each that has it, those that are well before the others,
 * then those of the models that stand in for it. `auto` is the first model that calls tools, `auto:ABILITY` the first with that
 * ability. A name that nobody is known to have goes to the first engine, and to all that never said what they have. A pure function.
 */
export function waysTo(model: string, candidates: readonly Candidate[], standIns: readonly string[]): Way[] {
  const ways = [model, ...standIns.filter((other) => other !== model)].flatMap((name) =>
    direct(name, candidates),
  );
  const known = ways.length > 0 ? ways : unknown(model, candidates);
  const seen = new Set<string>();
  return known.filter(({ engine, model: name }) => {
    const key = `${engine}\0${name}`;
    return !seen.has(key) && seen.add(key);
  });
}

function direct(name: string, candidates: readonly Candidate[]): Way[] {
  const any = ANY.exec(name);
  if (any !== null) return able(any[1] ?? "tools", candidates);
  const named = candidates.find((one) => name.startsWith(`${one.name}/`));
  // A model's own name may begin like that too: hubs name them so.
  if (named !== undefined && !has(named, name))
    return [{ engine: named.name, model: name.slice(named.name.length + 1) }];
  return wellFirst(candidates.filter((one) => has(one, name))).map((one) => ({
    engine: one.name,
    model: name,
  }));
}

function able(ability: string, candidates: readonly Candidate[]): Way[] {
  return wellFirst(candidates).flatMap(({ name, models = [] }) => {
    const found = models.find(({ capabilities }) => capabilities?.includes(ability));
    return found === undefined ? [] : [{ engine: name, model: found.name }];
  });
}

function unknown(model: string, candidates: readonly Candidate[]): Way[] {
  const mute = candidates.filter(({ models }, i) => i === 0 || models === undefined);
  return wellFirst(mute).map(({ name }) => ({ engine: name, model }));
}

function has({ models = [] }: Candidate, name: string): boolean {
  return models.some((one) => one.name === name || one.name === `${name}:latest`);
}

function wellFirst(candidates: readonly Candidate[]): Candidate[] {
  return candidates.toSorted((a, b) => Number(b.isWell) - Number(a.isWell));
}

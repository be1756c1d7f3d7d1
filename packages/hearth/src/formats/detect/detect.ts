import { type Dialect, dialects } from "../dialects/index.ts";
import { derive } from "./derive.ts";
import { fingerprinted } from "./needles.ts";
import { type RenderedCalls, renderCalls, roundTrips, showsCalls } from "./round-trip.ts";

/**
 * `fingerprint`: literal texts of the format stand in the template. `rendering`: what it makes of sentinel calls is read back
 * by this format. `response_template`: the tokenizer says so. `name`: only the model's name suggests it. `fallback`: nothing was recognised, Hermes is injected.
 */
export type DetectedHow = "fingerprint" | "rendering" | "response_template" | "name" | "fallback";

export interface Detected {
  /** Id of a format; `derived` where `dialect` was made from the template's own rendering. */
  format: string;
  /** 1: the round trip through the template holds. 0.8: the template shows no calls to prove it by. 0: fallback. */
  confidence: number;
  how: DetectedHow;
  /** The descriptor, where the format is none of the known ones. */
  dialect?: Dialect;
}

/** Injected where a template tells nothing; small models follow it best. */
export const FALLBACK: Detected = { format: "hermes", confidence: 0, how: "fallback" };

const CACHE_SIZE = 32;
const cache = new Map<string, Detected>();

/** The format of a chat template (Jinja), remembered by its text. */
export function detect(template: string): Detected {
  const known = cache.get(template);
  if (known !== undefined) return known;
  const found = recognise(template);
  cache.set(template, found);
  if (cache.size > CACHE_SIZE) cache.delete(cache.keys().next().value!);
  return found;
}

function recognise(template: string): Detected {
  const marked = fingerprinted(template);
  const rendered = renderCalls(template);
  if (marked.length > 0) return byFingerprint(marked, rendered);
  if (!showsCalls(rendered)) return FALLBACK;
  const known = mostTelling(dialects.filter((dialect) => roundTrips(rendered, dialect, true)));
  if (known !== undefined) return { format: known.id, confidence: 0.9, how: "rendering" };
  const dialect = derive(rendered);
  return dialect === undefined
    ? FALLBACK
    : { format: dialect.id, confidence: 0.7, how: "rendering", dialect };
}

/** The first fingerprint whose round trip holds; a template that shows no calls, or loses parts of them, proves nothing. */
function byFingerprint(marked: readonly Dialect[], rendered: RenderedCalls): Detected {
  const proven = marked.find((dialect) => roundTrips(rendered, dialect));
  if (proven !== undefined) return { format: proven.id, confidence: 1, how: "fingerprint" };
  const confidence = showsCalls(rendered) ? 0.6 : 0.8;
  return { format: marked[0]!.id, confidence, how: "fingerprint" };
}

/** Of several that read the same text, one with markers of its own before one that takes anything. */
function mostTelling(found: readonly Dialect[]): Dialect | undefined {
  return found.find((dialect) => dialect.calls.some((call) => call.bare === undefined)) ?? found[0];
}

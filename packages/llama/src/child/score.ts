import { Refusal } from "./errors.ts";
import type { Opened } from "./model.ts";
import type { NativeSampler } from "./native.ts";
import type { Sequence, Stop } from "./sequence.ts";
import { tokenize } from "./tokens.ts";

/** Tokens looked at for each place. What is not among them is taken to be as likely as the last of them. */
const TOP = 2048;

/**
 * How likely each candidate is to follow the prompt: the sum of its tokens' log-probabilities (natural logarithm, temperature 1,
 * no grammar). The prompt is read once, shared heads of candidates once.
 */
export async function score(
  opened: Opened,
  sequence: Sequence,
  request: { prompt: string; candidates: readonly string[] },
  stop: Stop,
): Promise<number[]> {
  const prompt = Array.from(tokenize(opened.model, request.prompt));
  const candidates = request.candidates.map((text) => Array.from(opened.model.tokenize(text, false)));
  const longest = prompt.length + Math.max(0, ...candidates.map((tokens) => tokens.length));
  if (prompt.length === 0) throw new Refusal("refused", "the prompt is empty");
  if (longest >= opened.window) throw new Refusal("context", "the prompt does not fit the window", longest);
  const known = new Map<string, Map<number, number>>();
  const sampler = new opened.library.AddonSampler(opened.model);
  sampler.applyConfig({ temperature: 1, topK: TOP, topP: 1, minP: 0, seed: 0 });
  try {
    const scores: number[] = [];
    for (const tokens of candidates) {
      let sum = 0;
      for (let at = 0; at < tokens.length && !stop.aborted; at++) {
        const before = tokens.slice(0, at);
        const key = before.join(" ");
        const next = known.get(key) ?? (await after(opened, sequence, [...prompt, ...before], sampler, stop));
        known.set(key, next);
        sum += Math.log(next.get(tokens[at] ?? -1) ?? Math.min(...next.values()));
      }
      scores.push(sum);
    }
    return scores;
  } finally {
    sampler.dispose();
  }
}

/** Probabilities of the tokens that may follow. */
async function after(
  opened: Opened,
  sequence: Sequence,
  tokens: number[],
  sampler: NativeSampler,
  stop: Stop,
): Promise<Map<number, number>> {
  sequence.keep(Math.min(sequence.shared(tokens), tokens.length - 1));
  const place = await sequence.read(Uint32Array.from(tokens), tokens.length, stop, true);
  const found = new Map<number, number>();
  if (stop.aborted) return found;
  const [, list = []] = await opened.context.sampleToken(place, sampler, true);
  for (let i = 1; i < list.length; i += 2) found.set(list[i - 1] ?? -1, list[i] ?? 0);
  return found;
}

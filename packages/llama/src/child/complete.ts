import type { Reply, Request } from "../protocol.ts";
import { Refusal } from "./errors.ts";
import type { Opened } from "./model.ts";
import { MIN_PREFIX_TOKENS, type PrefixStore } from "./prefix.ts";
import { Sampler } from "./sampler.ts";
import type { Sequence, Stop } from "./sequence.ts";
import { type Piece, StopTexts, TokenText, Trigger } from "./text.ts";
import { commonPrefix, tokenize } from "./tokens.ts";

type Complete = Extract<Request, { type: "complete" }>;

/** What answering takes: the open model, its sequence, and the ways out. */
export interface Service {
  opened: Opened;
  sequence: Sequence;
  prefixes?: PrefixStore | undefined;
  send(reply: Reply): void;
  /** The library's last complaints, and forgets them. */
  log(): string;
  /** Runs after the answer. */
  later(job: () => void): void;
}

/** Answers one request: reads the prompt, from the cache where it can, then draws tokens until an end. */
export async function complete(service: Service, request: Complete, stop: Stop): Promise<Reply> {
  const { opened } = service;
  const { id, sampling } = request;
  const prompt = tokenize(opened.model, request.prompt, request.literal);
  if (prompt.length === 0) throw new Refusal("refused", "the prompt is empty");
  if (prompt.length >= opened.window) {
    throw new Refusal("context", "the prompt does not fit the window", prompt.length);
  }
  const sampler = new Sampler(opened, sampling, request.grammar, service.log);
  try {
    const { cached, place } = await prefill(service, request, prompt, stop);
    if (stop.aborted) return { type: "aborted", id };
    const input = prompt.length;
    const answer = new Answer(service, request, sampler, prompt);
    const reason = await answer.generate(place, stop);
    if (reason === "aborted") return { type: "aborted", id };
    return { type: "finish", id, reason, input, cached, output: answer.tokens };
  } finally {
    sampler.dispose();
  }
}

async function prefill(service: Service, request: Complete, prompt: Uint32Array, stop: Stop) {
  const { sequence, prefixes } = service;
  const head = prefixes === undefined ? undefined : stableHead(service.opened, request, prompt);
  if (prefixes !== undefined && head !== undefined && sequence.shared(prompt) < head.length) {
    await takeUp(service, prefixes, head);
  }
  // The last token is always read anew, for its logits are needed.
  const cached = Math.min(sequence.shared(prompt), prompt.length - 1);
  sequence.keep(cached);
  const kept = sequence.length;
  if (prefixes !== undefined && head !== undefined && kept < head.length) {
    await sequence.read(prompt, head.length, stop, false);
    if (!stop.aborted) await setDown(service, prefixes, head);
  }
  const place = await sequence.read(prompt, prompt.length, stop, true);
  return { cached: kept, place };
}

/** The tokens of the stable head: those that do not depend on what follows it. */
function stableHead(opened: Opened, request: Complete, prompt: Uint32Array): Uint32Array | undefined {
  const chars = request.stablePrefixChars;
  if (chars <= 0) return undefined;
  const literal = request.literal
    .filter(([start]) => start < chars)
    .map(([start, end]): [number, number] => [start, Math.min(end, chars)]);
  const alone = tokenize(opened.model, request.prompt.slice(0, chars), literal);
  const size = Math.min(commonPrefix(alone, prompt), prompt.length - 1);
  return size >= MIN_PREFIX_TOKENS ? prompt.slice(0, size) : undefined;
}

async function takeUp(service: Service, prefixes: PrefixStore, head: Uint32Array): Promise<void> {
  const file = prefixes.find(head);
  if (file === undefined) return;
  try {
    await service.sequence.load(file, head);
    service.later(() => prefixes.touch(file));
  } catch {
    prefixes.discard(file);
  }
}

/**
 * Writes the state while the cache holds the head alone, so that nothing of the task gets to disk; 6 ms for 300 tokens, once,
 * against 1.9 s of reading them. Checking and making it count comes after the answer.
 */
async function setDown(service: Service, prefixes: PrefixStore, head: Uint32Array): Promise<void> {
  const draft = prefixes.draft(head);
  if (draft === undefined) return;
  try {
    await service.sequence.save(draft);
    service.later(() => prefixes.keep(draft, head));
  } catch {
    prefixes.discard(draft);
  }
}

class Answer {
  tokens = 0;
  #trigger: Trigger | undefined;
  readonly #service: Service;
  readonly #request: Complete;
  readonly #sampler: Sampler;
  readonly #text: TokenText;
  readonly #stops: StopTexts;

  constructor(service: Service, request: Complete, sampler: Sampler, prompt: Uint32Array) {
    this.#service = service;
    this.#request = request;
    this.#sampler = sampler;
    const { model } = service.opened;
    this.#text = new TokenText(
      (tokens) => model.detokenize(Uint32Array.from(tokens), true),
      Array.from(prompt.subarray(-4)),
    );
    this.#stops = new StopTexts(request.sampling.stop);
    const trigger = request.grammar?.trigger;
    this.#trigger = trigger === undefined ? undefined : new Trigger(trigger);
  }

  async generate(first: number, stop: Stop): Promise<"stop" | "length" | "aborted"> {
    const { opened, sequence } = this.#service;
    const most = this.#request.sampling.maxTokens || Number.POSITIVE_INFINITY;
    let place = first;
    while (!stop.aborted) {
      const token = await sequence.sample(place, this.#sampler.native);
      if (token < 0) throw new Refusal("grammar", "the grammar allows none of the model's tokens here");
      if (opened.model.isEogToken(token)) return this.#end("stop");
      this.tokens++;
      const piece = this.#text.push(token);
      const triggered = piece === undefined ? undefined : this.#watch(piece);
      const text = piece === undefined ? "" : triggered === undefined ? piece.text : triggered.text;
      if (this.#show(text)) return "stop";
      if (this.tokens >= most || sequence.length + 1 >= opened.window) return this.#end("length");
      if (stop.aborted) break;
      place = triggered === undefined ? await this.#next(token) : await this.#rewind(triggered, token);
      if (place < 0) return this.#end("length");
    }
    return "aborted";
  }

  /** True: a stop text came. */
  #show(text: string): boolean {
    const shown = this.#stops.push(text);
    if (shown.text !== "") this.#service.send({ type: "text", id: this.#request.id, text: shown.text });
    return shown.stopped;
  }

  #end(reason: "stop" | "length"): "stop" | "length" {
    const last = this.#text.end();
    if (last !== undefined && this.#show(last.text)) return "stop";
    const held = this.#stops.end();
    if (held !== "") this.#service.send({ type: "text", id: this.#request.id, text: held });
    return reason;
  }

  async #next(token: number): Promise<number> {
    return (await this.#service.sequence.decode(Uint32Array.of(token), [0], "decode"))[0] ?? -1;
  }

  /** Looks for the trigger; where it came, what of the piece belongs before the grammar. */
  #watch(piece: Piece): Piece | undefined {
    const after = this.#trigger?.push(piece.text);
    if (after === undefined) return undefined;
    this.#trigger = undefined;
    this.#sampler.constrain();
    return {
      text: piece.text.slice(0, piece.text.length - after.length),
      tokens: after === "" ? [] : piece.tokens,
    };
  }

  /** A token that reaches beyond the trigger is taken back and written as far as the trigger goes. */
  async #rewind(piece: Piece, token: number): Promise<number> {
    if (piece.tokens.length === 0) return this.#next(token);
    const { sequence, opened } = this.#service;
    // All tokens of the piece but the last are in the cache already.
    sequence.keep(sequence.length - (piece.tokens.length - 1));
    const tokens = opened.model.tokenize(piece.text, true);
    if (sequence.length + tokens.length >= opened.window) return -1;
    const places = await sequence.decode(tokens, [tokens.length - 1], "decode");
    return places[0] ?? -1;
  }
}

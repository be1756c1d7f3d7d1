import type { Request, WireSampling } from "../protocol.ts";
import { Refusal } from "./errors.ts";
import type { Opened } from "./model.ts";
import type { NativeSampler, SamplerConfig } from "./native.ts";
import { bannedTokens } from "./tokens.ts";

type Grammar = NonNullable<Extract<Request, { type: "complete" }>["grammar"]>;

type Prepared = Pick<SamplerConfig, "grammarEvaluationState" | "tokenBiasKeys" | "tokenBiasValues">;

/** Draws tokens for one request; the grammar's state lives and dies with it. */
export class Sampler {
  readonly native: NativeSampler;
  readonly #opened: Opened;
  readonly #config: SamplerConfig;
  readonly #prepared: Prepared;

  /** The grammar is read at once, so that a broken one is told before the prompt is read. `log`: what the library said. */
  constructor(opened: Opened, sampling: WireSampling, grammar: Grammar | undefined, log: () => string) {
    this.#opened = opened;
    const { temperature, topK, topP, minP, seed } = sampling;
    this.#config = { temperature, topK, topP, minP, seed };
    this.#prepared = grammar === undefined ? {} : this.#prepare(grammar, log);
    this.native = new opened.library.AddonSampler(opened.model);
    this.native.applyConfig(this.#config);
    if (grammar !== undefined && grammar.trigger === undefined) this.constrain();
  }

  /** From here on the grammar holds. */
  constrain(): void {
    this.native.applyConfig({ ...this.#config, ...this.#prepared });
  }

  dispose(): void {
    this.native.dispose();
  }

  #prepare({ gbnf, bias }: Grammar, log: () => string): Prepared {
    const { library, model } = this.#opened;
    const biases = new Map(
      bannedTokens(model, this.#opened.specialTokens(), gbnf).map((id) => [id, Number.NEGATIVE_INFINITY]),
    );
    const [first] = bias === undefined ? [] : model.tokenize(bias.text, true);
    if (bias !== undefined && first !== undefined) biases.set(first, bias.logit);
    try {
      const grammar = new library.AddonGrammar(gbnf, { rootRuleName: "root" });
      return {
        grammarEvaluationState: new library.AddonGrammarEvaluationState(model, grammar),
        tokenBiasKeys: Uint32Array.from(biases.keys()),
        tokenBiasValues: Float32Array.from(biases.values()),
      };
    } catch (error) {
      const why = log();
      throw new Refusal("grammar", why !== "" ? why : error instanceof Error ? error.message : String(error));
    }
  }
}

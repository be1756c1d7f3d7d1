/** Tokens as the engine counted them. */
export interface Usage {
  /** Tokens of the prompt, cached ones included. */
  input: number;
  output: number;
  /** How many of `input` came from the KV cache, where the engine says so. */
  cached?: number;
}

export function addUsage(a: Usage, b: Usage): Usage {
  const sum: Usage = { input: a.input + b.input, output: a.output + b.output };
  if (a.cached !== undefined || b.cached !== undefined) sum.cached = (a.cached ?? 0) + (b.cached ?? 0);
  return sum;
}

import type { Fault } from "../protocol.ts";

/** A request that can't be served, and why. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly fault: Fault;
  readonly promptTokens?: number;

  constructor(fault: Fault, message: string, promptTokens?: number) {
    super(message);
    this.fault = fault;
    if (promptTokens !== undefined) this.promptTokens = promptTokens;
  }
}

import type { Tool } from "hearth";

/** What a foreign tool may be taken for, as the user knows it. */
export type Declared = Partial<
  Pick<Tool, "effect" | "reads" | "source" | "egress" | "timeoutMs" | "concurrency">
>;

export interface BridgeOptions {
  /** What all tools, or one by its name, may be taken for. Left out: `once`, private, untrusted, egress. */
  declare?: Declared | ((name: string) => Declared | undefined);
  /** Names that are there already. */
  taken?: readonly string[];
}

/** Nothing is known of a foreign tool but what the user says of it. */
export function declaredFor(
  name: string,
  { declare }: BridgeOptions,
): Required<Pick<Tool, "effect">> & Declared {
  const own = typeof declare === "function" ? declare(name) : declare;
  return { effect: "once", reads: "private", source: "untrusted", egress: true, ...own };
}

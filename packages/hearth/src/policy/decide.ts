import type { JsonObject, Taint, Tool } from "../protocol/index.ts";

export interface PolicyRequest {
  tool: Tool;
  arguments: JsonObject;
  /** What the prompt holds that the call was made from. Left out: nothing that counts. */
  taint?: Taint;
}

/**
 * `rule`: the user's own rule that decided, as it was written; what it allows stands under the taint rule too. `person`: only a person's
 * word for this very call will do, `auto` is none.
 */
export type Verdict =
  | { verdict: "allow"; rule?: string }
  | { verdict: "ask" | "deny"; why: string; rule?: string; person?: true };

/** Decides whether a call may run. Pure: what it needs of the outside is in the request. */
export type Policy = (request: PolicyRequest) => Verdict;

/** Looking is free; whatever changes something is asked for. */
export const defaultPolicy: Policy = ({ tool }) => {
  const effect = tool.effect ?? "once";
  if (effect === "none") return { verdict: "allow" };
  const declared =
    tool.effect === undefined ? "does not say that it only looks" : `has the effect "${effect}"`;
  return { verdict: "ask", why: `${tool.name} ${declared}.` };
};

/** A verdict by the tool's name; `*` stands for any characters. */
export type ToolRules = Readonly<Record<string, "allow" | "ask" | "deny">>;

/**
 * Rules by tool before the policy: an exact name counts before a pattern, a longer pattern before a shorter one. A rule can't
 * loosen what the policy denies.
 */
export function withRules(rules: ToolRules, policy: Policy): Policy {
  const patterns = Object.entries(rules)
    .map(([pattern, verdict]) => ({ verdict, pattern, matches: matcherOf(pattern) }))
    .sort((a, b) => weight(b.pattern) - weight(a.pattern));
  return (request) => {
    const { name } = request.tool;
    const rule = patterns.find(({ matches }) => matches(name));
    if (rule === undefined) return policy(request);
    const by = { rule: rule.pattern };
    if (rule.verdict === "deny") return { verdict: "deny", why: `${name} is denied by a rule.`, ...by };
    const own = policy(request);
    if (own.verdict === "deny") return own;
    if (rule.verdict === "allow") return { verdict: "allow", ...by };
    return own.verdict === "ask" ? own : { verdict: "ask", why: `A rule asks before each ${name}.`, ...by };
  };
}

function weight(pattern: string): number {
  return pattern.includes("*") ? pattern.replaceAll("*", "").length : Number.POSITIVE_INFINITY;
}

function matcherOf(pattern: string): (name: string) => boolean {
  if (!pattern.includes("*")) return (name) => name === pattern;
  const parts = pattern.split("*");
  return (name) => {
    let at = 0;
    for (const [i, part] of parts.entries()) {
      if (i === parts.length - 1) return name.length - at >= part.length && name.endsWith(part);
      const found = i === 0 ? (name.startsWith(part) ? 0 : -1) : name.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return true;
  };
}

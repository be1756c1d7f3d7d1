import type { Message, Taint, Tool } from "../protocol/index.ts";
import type { Policy, PolicyRequest, Verdict } from "./decide.ts";

/** Nothing read yet. */
export const CLEAN: Taint = {};

/**
 * What a result of this tool brings into the prompt. A tool of a server or a bridge says `untrusted` in so many words; a function of
 * the program's own that says nothing is taken at the program's word, but may have read what is private.
 */
export function taintOf({ name, source, reads }: Pick<Tool, "name" | "source" | "reads">): Taint {
  return {
    ...(source === "untrusted" ? { untrusted: name } : {}),
    ...(reads === "public" ? {} : { private: name }),
  };
}

/** Both together. Bits are set and never cleared; who set one first is kept, for the words. */
export function joinTaint(a: Taint, b: Taint): Taint {
  const untrusted = a.untrusted ?? b.untrusted;
  const secret = a.private ?? b.private;
  if (untrusted === a.untrusted && secret === a.private) return a;
  return {
    ...(untrusted === undefined ? {} : { untrusted }),
    ...(secret === undefined ? {} : { private: secret }),
  };
}

export function isClean(taint: Taint): boolean {
  return taint.untrusted === undefined && taint.private === undefined;
}

/**
 * What a conversation brings that comes from elsewhere: its tool results, by their tools. A tool that is not known here counts as
 * what a server's tool is.
 */
export function taintOfMessages(messages: readonly Message[], tools: ReadonlyMap<string, Tool>): Taint {
  let taint = CLEAN;
  for (const message of messages) {
    if (message.role !== "tool") continue;
    const tool = tools.get(message.name) ?? { name: message.name, source: "untrusted" as const };
    taint = joinTaint(taint, taintOf(tool));
  }
  return taint;
}

const guarded = new WeakSet<Tool>();

/** Marks a tool whose own calls stand under the taint they are given: a run inside the run. */
export function guardsItself(tool: Tool): Tool {
  guarded.add(tool);
  return tool;
}

/**
 * Why this call needs a person's word, if it does: somebody else's text is in the prompt, private data are there too or are read by the
 * call itself, and the call changes something or sends something. All three together are what an injected instruction needs (the
 * "rule of two"); any two are free.
 */
export function taintedBy(tool: Tool, { untrusted, private: before }: Taint): string | undefined {
  const secret = before ?? (tool.reads === "public" ? undefined : tool.name);
  if (untrusted === undefined || secret === undefined || guarded.has(tool)) return undefined;
  const changes = (tool.effect ?? "once") !== "none";
  const sends = tool.egress ?? true;
  if (!changes && !sends) return undefined;
  const may =
    changes && sends ? "may change things and send data" : changes ? "changes things" : "sends data";
  return `${tool.name} ${may}, and ${wordsOf(untrusted, secret, tool.name)}.`;
}

function wordsOf(untrusted: string, secret: string, tool: string): string {
  if (untrusted === secret) return `${untrusted} brought private text of unknown origin before it`;
  const foreign = `${untrusted} brought text of unknown origin`;
  return secret === tool
    ? `${foreign} before it; what it reads itself may be private`
    : `${foreign} and ${secret} private data before it`;
}

/**
 * A policy under the taint rule: what it allows or asks for needs a person's word for the very call once the prompt holds both kinds
 * of text. Only a rule that names the tool goes before it.
 */
export function underTaint(policy: Policy): Policy {
  return (request) => heldByTaint(policy(request), request);
}

function heldByTaint(verdict: Verdict, { tool, taint = CLEAN }: PolicyRequest): Verdict {
  if (verdict.verdict === "deny" || (verdict.verdict === "allow" && namesTools(verdict.rule))) return verdict;
  const why = taintedBy(tool, taint);
  if (why === undefined) return verdict;
  const own = verdict.verdict === "ask" && verdict.rule !== undefined ? { rule: verdict.rule } : {};
  return { verdict: "ask", why, person: true, ...own };
}

/** A rule for everything names nothing: it is `auto` in other letters. */
function namesTools(rule: string | undefined): boolean {
  return rule !== undefined && rule.replaceAll("*", "") !== "";
}

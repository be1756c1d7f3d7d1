import type { Message, ToolSchema } from "../../protocol/index.ts";
import { auditTemplate } from "../audit/audit.ts";
import { dialectOf } from "../audit/traits.ts";
import type { TemplateTraits } from "../audit/types.ts";
import type { Detected } from "../detect/detect.ts";
import type { Dialect } from "../dialects/index.ts";
import { renderTemplate, TemplateError } from "../templates/index.ts";
import type { RenderedPrompt } from "../types.ts";
import { commonPrefix } from "./answer.ts";
import { type Block, convert, RAW_SENTINEL } from "./convert.ts";
import { needsDate, toolVariables } from "./probe.ts";
import { described, type TemplateMessage } from "./shapes.ts";
import { stopsOf } from "./stops.ts";

export interface PromptInput {
  /** The model's chat template (Jinja). */
  templateText: string;
  /** The format, where it is known better than by detection. */
  format?: Detected;
  messages: readonly Message[];
  tools: readonly ToolSchema[];
  /** Left out: as the template has it. */
  thinking?: boolean | "low" | "medium" | "high";
  /** For templates that show the date; now where left out. */
  clock?: string | Date;
  bosToken?: string;
  eosToken?: string;
  /** More variables for the template. */
  extra?: Readonly<Record<string, unknown>>;
}

/**
 * A conversation as the prompt its model was trained on. What the template would lose or mangle is put another way (see
 * `auditTemplate`); the model's own text of the running turn goes back verbatim; tokens in untrusted text are made harmless.
 * Raises `TemplateError` where the template refuses the conversation, `CapabilityError` for images.
 */
export function renderPrompt(input: PromptInput): RenderedPrompt {
  const audit = auditTemplate(input.templateText, input.format);
  const dialect = dialectOf(audit.format);
  const renderer = new Renderer(input, audit.traits);
  const blocks = convert({
    template: input.templateText,
    dialect,
    traits: audit.traits,
    messages: input.messages,
    tools: input.tools,
  });
  const messages = flat(blocks);
  const plain = renderer.render(messages, true);
  const without = renderer.tryRender(messages, false);
  const prefill =
    without !== undefined && plain.startsWith(without) ? plain.slice(without.length) : lastLine(plain);
  return {
    prompt: spliced(blocks, renderer, audit.traits) ?? plain,
    prefill,
    stablePrefixChars: stablePrefix(blocks, renderer, dialect, plain),
    stop: stopsOf(input.templateText, dialect, input.eosToken),
  };
}

const flat = (blocks: readonly Block[]): TemplateMessage[] => blocks.flatMap((block) => block.messages);

const lastLine = (text: string): string => text.slice(Math.max(0, text.trimEnd().lastIndexOf("\n") + 1));

class Renderer {
  readonly #input: PromptInput;
  #variables: Record<string, unknown>;
  #described = false;
  readonly #lenient: boolean;

  constructor(input: PromptInput, traits: TemplateTraits) {
    this.#input = input;
    this.#lenient = traits.lenient;
    const { templateText, tools, thinking, extra } = input;
    this.#variables = {
      bos_token: input.bosToken ?? "",
      eos_token: input.eosToken ?? "",
      ...(tools.length > 0 && traits.tools !== false ? toolVariables(templateText, tools) : {}),
      ...(needsDate(templateText) ? { datetime: dateText(input.clock) } : {}),
      ...thinkingVariables(templateText, thinking),
      ...extra,
    };
  }

  /**
   * Where the template refuses: neighbouring messages of the user are joined, for it may want roles to alternate; then
   * every parameter gets a description, for it may read one.
   */
  render(messages: readonly TemplateMessage[], generation: boolean): string {
    const joined = joinUsers(messages);
    try {
      return this.#once(messages, generation);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      const again = joined.length < messages.length ? this.#attempt(joined, generation) : undefined;
      if (again !== undefined) return again;
      const { tools, templateText } = this.#input;
      if (this.#described || this.#variables["tools"] === undefined) throw error;
      const plain = this.#variables;
      this.#variables = { ...plain, ...toolVariables(templateText, tools.map(described)) };
      const last = this.#attempt(messages, generation) ?? this.#attempt(joined, generation);
      this.#described = last !== undefined;
      if (last !== undefined) return last;
      this.#variables = plain;
      throw error;
    }
  }

  #attempt(messages: readonly TemplateMessage[], generation: boolean): string | undefined {
    try {
      return this.#once(messages, generation);
    } catch (error) {
      if (error instanceof TemplateError) return undefined;
      throw error;
    }
  }

  tryRender(messages: readonly TemplateMessage[], generation: boolean): string | undefined {
    try {
      return this.render(messages, generation);
    } catch (error) {
      if (error instanceof TemplateError) return undefined;
      throw error;
    }
  }

  #once(messages: readonly TemplateMessage[], generation: boolean): string {
    const { templateText, clock } = this.#input;
    const variables = { ...this.#variables, messages, add_generation_prompt: generation };
    return renderTemplate(templateText, variables, {
      lenient: this.#lenient,
      ...(clock === undefined ? {} : { clock }),
    });
  }
}

function joinUsers(messages: readonly TemplateMessage[]): TemplateMessage[] {
  const out: TemplateMessage[] = [];
  for (const message of messages) {
    const last = out.at(-1);
    if (
      last?.role === "user" &&
      message.role === "user" &&
      typeof last.content === "string" &&
      typeof message.content === "string"
    )
      out[out.length - 1] = { ...last, content: `${last.content}\n\n${message.content}` };
    else out.push(message);
  }
  return out;
}

const dateText = (clock: string | Date | undefined): string =>
  renderTemplate("{{ strftime_now('%B %d %Y, %I:%M:%S %p') }}", {}, clock === undefined ? {} : { clock });

/** The switches for thinking that this template reads; each family has its own. */
function thinkingVariables(template: string, thinking: PromptInput["thinking"]): Record<string, unknown> {
  if (thinking === undefined) return {};
  const on = thinking !== false;
  const reads = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(template);
  const out: Record<string, unknown> = { enable_thinking: on };
  if (reads("thinking")) out["thinking"] = on;
  if (typeof thinking === "string") out["reasoning_effort"] = thinking;
  else if (!on && reads("reasoning_effort")) out["reasoning_effort"] = "low";
  return out;
}

/**
 * The prompt with the model's own texts in it: what was sent before, its answer, and what the template writes from there on.
 * Undefined where there is no such text, or the template would go on otherwise after it than after the calls it stands for.
 */
function spliced(blocks: readonly Block[], renderer: Renderer, traits: TemplateTraits): string | undefined {
  const lastUser = blocks.findLastIndex((block) => block.fromUser);
  const at = blocks.flatMap(({ raw }, index) =>
    raw !== undefined &&
    (index > lastUser || traits.thinking.kept === "always" || !/<\/?think/.test(raw.text))
      ? [index]
      : [],
  );
  if (at.length === 0) return undefined;
  let prompt = renderer.tryRender(flat(blocks.slice(0, at[0])), true);
  for (const [position, index] of at.entries()) {
    const next = at[position + 1] ?? blocks.length;
    const { raw } = blocks[index]!;
    const before = flat(blocks.slice(0, index));
    const after = flat(blocks.slice(index + 1, next));
    const plain = renderer.tryRender([...before, ...blocks[index]!.messages, ...after], true);
    const marked = renderer.tryRender([...before, ...raw!.marked, ...after], true);
    const [, tail, ...more] = marked?.split(RAW_SENTINEL) ?? [];
    if (prompt === undefined || tail === undefined || more.length > 0 || plain?.endsWith(tail) !== true)
      return undefined;
    prompt += raw!.text + tail;
  }
  return prompt;
}

/** How much of the prompt does not depend on what the user says. */
function stablePrefix(
  blocks: readonly Block[],
  renderer: Renderer,
  dialect: Dialect,
  prompt: string,
): number {
  const first = blocks.findIndex((block) => block.fromUser);
  if (first < 0) return 0;
  const probe = (text: string): string | undefined => {
    const content = (blocks[first]!.folded ?? "") + text;
    return renderer.tryRender([...flat(blocks.slice(0, first)), { role: "user", content }], true);
  };
  const a = probe(`A${dialect.id}`);
  const b = probe(`B${dialect.id}`);
  if (a === undefined || b === undefined) return 0;
  return commonPrefix(commonPrefix(a, b), prompt).length;
}

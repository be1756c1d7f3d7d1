import {
  type AgentOptions,
  agent,
  EngineError,
  type Message,
  type ModelInfo,
  ModelNotFoundError,
  type Outcome,
  type Run,
  type RunEvent,
  textOf,
} from "hearth";
import { OWN_AGENTS } from "../../access/index.ts";
import { RequestError } from "../../problem.ts";
import { type Admission, type Caller, limitsFor, type WireContext } from "../context.ts";
import { ownerOf } from "../live.ts";
import type { AnswerEvent, EndReason, Question } from "./types.ts";

const PREFIX = "agent:";
/** How it is listed among the models. */
export const AGENT_MODEL = `${PREFIX}hearth`;

export const isAgentName = (model: string): boolean => model.startsWith(PREFIX);

/** The model that this agent asks, as far as its name tells. */
export function modelOfAgent({ agent: own }: Pick<WireContext, "agent">, name: string): string | undefined {
  const agentName = name.slice(PREFIX.length);
  return OWN_AGENTS.has(agentName) ? own.model.model : agentName;
}

/** The whole loop behind a model's name: text comes out, tools run inside and are never shown as calls of the client's. */
export async function* agentAnswer(
  context: WireContext,
  by: Caller,
  admission: Admission,
  question: Question,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent> {
  let run: Run | undefined;
  let leave: (() => void) | undefined;
  try {
    leave = context.takeRun(by, () => run?.cancel("its key was revoked"));
    const { task, history, instructions } = conversation(question, context.agent.instructions);
    const options = await agentOptions(context, question, signal);
    run = agent({
      ...options,
      limits: limitsFor(options, by),
      settings: { ...options.settings, ...ownerOf(by) },
      model: { ...options.model, engine: admission.engine },
      ...(instructions === undefined ? {} : { instructions }),
    }).run(task, { history, signal });
    admission.name(run.id);
    const shown = new Shown();
    for await (const event of run) yield* shown.events(event);
    yield* shown.end(await run);
  } finally {
    run?.cancel("the client left");
    admission.release();
    leave?.();
  }
}

interface Conversation {
  task: string;
  history: Message[];
  instructions?: string;
}

/** The last message is the task; system messages of the client are added to the agent's own instructions. */
function conversation({ model, messages }: Question, own: string | undefined): Conversation {
  const last = messages.at(-1);
  if (last?.role !== "user" || last.content.some((block) => block.type !== "text")) {
    throw new RequestError(400, `The last message to ${model} must be the user's, in text.`, {
      param: "messages",
    });
  }
  const given = messages.filter((message) => message.role === "system").map(textOf);
  const all = [...(own === undefined ? [] : [own]), ...given];
  return {
    task: textOf(last),
    history: messages.slice(0, -1).filter((message) => message.role !== "system"),
    ...(all.length === 0 ? {} : { instructions: all.join("\n\n") }),
  };
}

/** `agent:NAME`: the service's own agent, or the same loop with another model of the engine. */
async function agentOptions(
  context: WireContext,
  question: Question,
  signal: AbortSignal,
): Promise<AgentOptions> {
  if (question.tools.length > 0) {
    throw new RequestError(400, `${question.model} brings its own tools and takes none of the client's.`, {
      param: "tools",
      remedy: "Leave the tools away, or name the model itself.",
    });
  }
  const base = context.agent;
  const options: AgentOptions = { ...base, sampling: { ...base.sampling, ...question.sampling } };
  if (question.think !== undefined) options.think = question.think;
  if (question.responseSchema !== undefined) options.output = question.responseSchema;
  const name = question.model.slice(PREFIX.length);
  if (OWN_AGENTS.has(name)) return options;
  const models: ModelInfo[] = await base.model.engine.models(signal);
  if (models.some((model) => model.name === name))
    return { ...options, model: { ...base.model, model: name } };
  throw new RequestError(404, `There is no agent "${name}" here.`, {
    code: "model_not_found",
    param: "model",
    remedy: `Known: ${[AGENT_MODEL, ...models.map((model) => PREFIX + model.name)].slice(0, 6).join(", ")}.`,
  });
}

/** What a client sees of a run. */
class Shown {
  /** Text of the step that is going on. */
  #step = "";
  #any = false;
  #gap = false;

  *events(event: RunEvent): Generator<AnswerEvent> {
    switch (event.type) {
      case "text.delta":
        yield { type: "text", text: this.#gap && this.#any ? `\n\n${event.text}` : event.text };
        this.#gap = false;
        this.#any = true;
        this.#step += event.text;
        return;
      case "step.started":
      case "step.discarded":
        this.#step = "";
        this.#gap = true;
        return;
      case "thinking.delta":
        yield { type: "thinking", text: event.text };
        return;
      case "call.ready":
        yield { type: "thinking", text: `\n${event.name}(${JSON.stringify(event.arguments)})\n` };
        return;
      case "wait.started": {
        const { for: what, position, boundMs } = event;
        yield {
          type: "wait",
          for: what,
          ...(position === undefined ? {} : { position }),
          ...(boundMs === undefined ? {} : { boundMs }),
        };
        return;
      }
      default:
    }
  }

  /** The run's own last words, where they are not what was streamed last: a hand-off, or the answer in its schema. */
  *end(outcome: Outcome): Generator<AnswerEvent> {
    if (outcome.stopReason === "engine_error") {
      const { class: kind, message = outcome.text, remedy } = outcome.error ?? {};
      const Failure = kind === ModelNotFoundError.name ? ModelNotFoundError : EngineError;
      throw new Failure(message, remedy === undefined ? {} : { remedy });
    }
    if (outcome.text.trim() !== this.#step.trim()) {
      yield { type: "text", text: this.#any ? `\n\n${outcome.text}` : outcome.text };
    }
    yield { type: "end", reason: endReason(outcome), usage: outcome.usage };
  }
}

const CUT: ReadonlySet<string> = new Set(["max_steps", "budget", "context", "timeout"]);

function endReason({ stopReason }: Outcome): EndReason {
  return CUT.has(stopReason) ? "length" : "stop";
}

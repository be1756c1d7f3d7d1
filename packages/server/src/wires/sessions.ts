import {
  apply,
  CLEAN,
  emptyState,
  type Journal,
  joinTaint,
  type Message,
  type Outcome,
  type Taint,
} from "hearth";

/** Conversations kept at once; the one not used for longest gives way, and is read from the journal when it is wanted again. */
const MAX_SESSIONS = 256;
/** Runs of the tenant that are looked through for one: the newest. */
const MAX_LOOKED = 50;

/** What was said, and what of it counts for what may be done. */
interface Said {
  messages: Message[];
  taint: Taint;
}

interface Conversation extends Said {
  /** The run before, if it still goes on. */
  last: Promise<void>;
}

/** Conversations by tenant and the name that its clients give them. */
export class Sessions {
  readonly #journal: Journal;
  readonly #shared: () => boolean;
  readonly #known = new Map<string, Conversation>();

  /** `shared`: whether others add to the conversations too; then each run reads them anew. */
  constructor(journal: Journal, shared: () => boolean = () => false) {
    this.#journal = journal;
    this.#shared = shared;
  }

  /**
   * The messages so far, once the run before has ended; what `begin` starts then is remembered when it is over.
   */
  async run<T extends { run: PromiseLike<Outcome> }>(
    tenant: string,
    name: string,
    begin: (history: readonly Message[], taint: Taint) => T,
  ): Promise<T> {
    const conversation = await this.#conversation(tenant, name);
    const before = conversation.last;
    let over = (): void => undefined;
    conversation.last = new Promise((resolve) => {
      over = resolve;
    });
    try {
      await before;
      if (this.#shared()) Object.assign(conversation, await this.#recall(tenant, name));
      const started = begin([...conversation.messages], conversation.taint);
      started.run.then(
        (outcome) => {
          conversation.messages = remembered(outcome.messages, outcome.text);
          conversation.taint = joinTaint(conversation.taint, outcome.taint ?? CLEAN);
          over();
        },
        () => over(),
      );
      return started;
    } catch (error) {
      over();
      throw error;
    }
  }

  async #conversation(tenant: string, name: string): Promise<Conversation> {
    // Names of tenants hold no space.
    const own = `${tenant} ${name}`;
    const known = this.#known.get(own) ?? {
      ...(await this.#recall(tenant, name)),
      last: Promise.resolve(),
    };
    // Two requests may have read the journal at once: the first one's conversation counts.
    const conversation = this.#known.get(own) ?? known;
    this.#known.delete(own);
    this.#known.set(own, conversation);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_SESSIONS) break;
      this.#known.delete(oldest);
    }
    return conversation;
  }

  /** The newest run of this session in the journal, from before a restart. */
  async #recall(tenant: string, name: string): Promise<Said> {
    for (const { runId } of await this.#journal.list({ tenant, limit: MAX_LOOKED })) {
      const events = await this.#journal.read(runId);
      const first = events[0];
      if (first?.type !== "run.started" || first.settings["session"] !== name) continue;
      const state = emptyState();
      for (const event of events) apply(state, event);
      const last = events.at(-1);
      const messages = remembered(state.messages, last?.type === "run.finished" ? last.text : "");
      return { messages, taint: joinTaint(state.taint, state.coming) };
    }
    return { messages: [], taint: CLEAN };
  }
}

/** All but the instructions, and an answer even where the run ended without one. */
function remembered(messages: readonly Message[], text: string): Message[] {
  const kept = messages.filter((message) => message.role !== "system");
  if (kept.at(-1)?.role !== "assistant" && text !== "")
    kept.push({ role: "assistant", content: [{ type: "text", text }] });
  return kept;
}

import { randomBytes } from "node:crypto";
import type { JsonObject, Usage } from "hearth";
import type { Failure } from "../../problem.ts";
import type { AnswerEvent, AnsweredCall } from "../model/index.ts";
import type { ResponseBody } from "./schema.ts";

export type ResponseStatus = "queued" | "in_progress" | "completed" | "incomplete" | "failed" | "cancelled";

export interface ResponseEvent extends JsonObject {
  type: string;
  sequence_number: number;
}

const newId = (kind: string): string => `${kind}_${randomBytes(16).toString("hex")}`;

interface OpenItem {
  index: number;
  id: string;
  kind: "message" | "reasoning";
  text: string;
}

/** A response as it comes to be, and the events that tell of it: whole and streamed answers are both made here. */
export class ResponseBuilder {
  readonly id: string = newId("resp");
  #status: ResponseStatus;
  readonly #output: JsonObject[] = [];
  readonly #fixed: JsonObject;
  #error: JsonObject | null = null;
  #why: JsonObject | null = null;
  #usage: Usage | undefined;
  #seq = 0;
  #open: OpenItem | undefined;

  constructor(body: ResponseBody) {
    this.#status = body.background === true ? "queued" : "in_progress";
    this.#fixed = {
      object: "response",
      created_at: Math.floor(Date.now() / 1000),
      background: body.background === true,
      instructions: body.instructions ?? null,
      max_output_tokens: body.max_output_tokens ?? null,
      metadata: body.metadata ?? {},
      model: body.model,
      parallel_tool_calls: body.parallel_tool_calls !== false,
      previous_response_id: body.previous_response_id ?? null,
      reasoning: { effort: body.reasoning?.effort ?? null, summary: null },
      store: body.store !== false,
      temperature: body.temperature ?? null,
      text: { format: { ...(body.text?.format ?? { type: "text" }) } },
      tool_choice:
        typeof body.tool_choice === "object" ? { ...body.tool_choice } : (body.tool_choice ?? "auto"),
      tools: (body.tools ?? []).map((tool) => ({ ...tool })),
      top_p: body.top_p ?? null,
      // Nothing is ever cut in silence here.
      truncation: "disabled",
    };
  }

  get status(): ResponseStatus {
    return this.#status;
  }

  response(): JsonObject {
    return {
      id: this.id,
      ...this.#fixed,
      status: this.#status,
      error: this.#error,
      incomplete_details: this.#why,
      output: [...this.#output],
      usage: this.#usage === undefined ? null : usageOf(this.#usage),
    };
  }

  begin(): ResponseEvent[] {
    const created = this.#event("response.created", { response: this.response() });
    this.#status = "in_progress";
    return [created, this.#event("response.in_progress", { response: this.response() })];
  }

  take(event: AnswerEvent): ResponseEvent[] {
    switch (event.type) {
      case "text":
        return this.#grow("message", event.text);
      case "thinking":
        return this.#grow("reasoning", event.text);
      case "call":
        return [...this.#close("completed"), ...this.#call(event.call)];
      case "end": {
        const cut = event.reason === "length";
        const closed = this.#close(cut ? "incomplete" : "completed");
        this.#usage = event.usage;
        if (cut) this.#why = { reason: "max_output_tokens" };
        return [...closed, this.#last(cut ? "incomplete" : "completed")];
      }
      case "wait":
        return [];
    }
  }

  fail({ code, message, hint }: Failure): ResponseEvent[] {
    const closed = this.#close("incomplete");
    this.#error = { code, message: hint === undefined ? message : `${message} ${hint}` };
    return [...closed, this.#last("failed")];
  }

  cancel(): ResponseEvent[] {
    return [...this.#close("incomplete"), this.#last("cancelled")];
  }

  #event(type: string, body: JsonObject): ResponseEvent {
    return { type, sequence_number: this.#seq++, ...body };
  }

  #last(status: ResponseStatus): ResponseEvent {
    this.#status = status;
    return this.#event(`response.${status}`, { response: this.response() });
  }

  #grow(kind: OpenItem["kind"], text: string): ResponseEvent[] {
    const events: ResponseEvent[] = [];
    if (this.#open?.kind !== kind) events.push(...this.#close("completed"), ...this.#start(kind));
    const open = this.#open!;
    open.text += text;
    const place = { item_id: open.id, output_index: open.index, content_index: 0 };
    events.push(
      kind === "message"
        ? this.#event("response.output_text.delta", { ...place, delta: text, logprobs: [] })
        : this.#event("response.reasoning_text.delta", { ...place, delta: text }),
    );
    return events;
  }

  #start(kind: OpenItem["kind"]): ResponseEvent[] {
    const open: OpenItem = {
      index: this.#output.length,
      id: newId(kind === "message" ? "msg" : "rs"),
      kind,
      text: "",
    };
    this.#open = open;
    const item = itemOf(open, "in_progress");
    this.#output.push(item);
    return [
      this.#event("response.output_item.added", { output_index: open.index, item: { ...item, content: [] } }),
      this.#event("response.content_part.added", {
        item_id: open.id,
        output_index: open.index,
        content_index: 0,
        part: partOf(open),
      }),
    ];
  }

  #close(status: "completed" | "incomplete"): ResponseEvent[] {
    const open = this.#open;
    if (open === undefined) return [];
    this.#open = undefined;
    const item = itemOf(open, status);
    this.#output[open.index] = item;
    const place = { item_id: open.id, output_index: open.index, content_index: 0 };
    const done =
      open.kind === "message"
        ? this.#event("response.output_text.done", { ...place, text: open.text, logprobs: [] })
        : this.#event("response.reasoning_text.done", { ...place, text: open.text });
    return [
      done,
      this.#event("response.content_part.done", { ...place, part: partOf(open) }),
      this.#event("response.output_item.done", { output_index: open.index, item }),
    ];
  }

  #call({ id, name, text, arguments: args }: AnsweredCall): ResponseEvent[] {
    const output_index = this.#output.length;
    const status = args === undefined ? "incomplete" : "completed";
    const item: JsonObject = {
      type: "function_call",
      id: newId("fc"),
      call_id: id,
      name,
      arguments: text,
      status,
    };
    const item_id = item["id"];
    this.#output.push(item);
    return [
      this.#event("response.output_item.added", {
        output_index,
        item: { ...item, arguments: "", status: "in_progress" },
      }),
      this.#event("response.function_call_arguments.delta", { item_id, output_index, delta: text }),
      this.#event("response.function_call_arguments.done", { item_id, output_index, name, arguments: text }),
      this.#event("response.output_item.done", { output_index, item }),
    ];
  }
}

function itemOf(open: OpenItem, status: string): JsonObject {
  if (open.kind === "reasoning")
    return { type: "reasoning", id: open.id, summary: [], content: [partOf(open)], status };
  return { type: "message", id: open.id, role: "assistant", content: [partOf(open)], status };
}

function partOf({ kind, text }: OpenItem): JsonObject {
  return kind === "message"
    ? { type: "output_text", text, annotations: [], logprobs: [] }
    : { type: "reasoning_text", text };
}

function usageOf({ input, output, cached }: Usage): JsonObject {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached ?? 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + output,
  };
}

import {
  AuthenticationError,
  CapabilityError,
  ContextExceededError,
  EngineBusyError,
  type EngineError,
  type EngineErrorOptions,
  EngineFailedError,
  EngineRefusedError,
  isObject,
  type JsonObject,
  type JsonValue,
  ModelNotFoundError,
  StreamCutError,
} from "../protocol/index.ts";

/** What an engine said when it did not answer. */
export interface EngineReply {
  /** HTTP status; 0 for an error in the middle of a stream. */
  status: number;
  /** The body, or the line of the stream. */
  text: string;
  address: string;
  model?: string;
  retryAfterMs?: number;
  /** `Location` of a redirect. */
  location?: string;
}

/** The same, read: servers wrap one message in four ways. */
interface Failure extends EngineReply {
  message: string;
  type: string;
  code: string;
  fields: JsonObject;
}

/** Servers answer in prose, so their words are what tells failures apart; each pattern is from a server's source or a recording. */
const CONTEXT = [
  /exceeds? the available context size/i, // llama-server, Ollama with truncate:false
  /prompt is longer than the context length/i, // Ollama with shift:false
  /input length exceeds .{0,20}context length/i, // Ollama, embeddings
  /maximum context length/i, // OpenAI, vLLM, SGLang
  /longer than the model'?s context length/i, // SGLang
  /context the overflows|context length of only|tokens to keep from the initial prompt/i, // LM Studio
  /exceeds? (the )?(model'?s )?(maximum )?(context|n_ctx)/i,
];
const NO_MODEL = /\bmodel\b.*\b(not found|does not exist|not loaded)|\bno models? (is |are )?loaded/i;
const CAPABILITY = [
  /does not support (tools|thinking|vision|images?|chat|generate|completion|insert|embed)/i,
  /requires --enable-auto-tool-choice/i, // vLLM started without a tool parser
  /(requires?|needs?) --jinja/i, // llama-server of old
  /image input is not supported|does not support image|not a multimodal model/i,
  /does not support embeddings|embedding models? only/i,
];
const BUSY =
  /(?<!error )loading model|model is (still )?(being )?load|server busy|maximum pending requests|overloaded|too many requests/i;
/** Answered with 500 though the fault is in the request: the same request fails again. */
const REFUSED = [
  /must be of type|invalid (format|option|think|tool call arguments)/i, // Ollama options and formats
  /failed to parse (tool|messages|json)|json\.exception\.(parse|type)_error|cannot unmarshal/i, // llama-server bodies
  /no user query found|template: :|jinja|schema (conversion|error)|grammar/i, // templates and schemas
  /unknown model architecture|unsupported model|invalid model file/i,
];
/** The model wrote what the server's own parser could not read: chance, so another attempt may pass. */
const OUTPUT = /error parsing tool call|failed to parse input at pos/i;

type Rule = readonly [when: (failure: Failure) => boolean, make: (failure: Failure) => EngineError];

/** The first rule that fits decides. */
const RULES: readonly Rule[] = [
  [isContext, contextExceeded],
  [({ status }) => status === 401 || status === 403, unauthorised],
  [isNoModel, modelNotFound],
  [({ status, message }) => status === 501 || CAPABILITY.some((one) => one.test(message)), incapable],
  [({ code, type }) => /insufficient_quota/.test(code + type), refused],
  [({ status, message }) => status === 429 || status === 503 || BUSY.test(message), busy],
  [({ message }) => OUTPUT.test(message), failed],
  [({ message }) => REFUSED.some((one) => one.test(message)), refused],
  [({ status }) => status === 0, cut],
  [({ status }) => status >= 500 || status === 408 || status === 425, failed],
];

/** The typed error for what an engine said, by status and by words. */
export function failureOf(reply: EngineReply): EngineError {
  const failure = read(reply);
  const rule = RULES.find(([when]) => when(failure));
  return (rule?.[1] ?? refused)(failure);
}

/** The field of the request that the engine did not take, where the message of its refusal names one of these. */
export function refusedField(message: string, fields: readonly string[]): string | undefined {
  const refusal =
    /unsupported|unrecogni[sz]ed|unknown|not supported|not permitted|extra_|extra (input|field)|unexpected/i;
  if (!refusal.test(message)) return undefined;
  return fields.find((field) => new RegExp(`\\b${field}\\b`).test(message));
}

function read(reply: EngineReply): Failure {
  let value: JsonValue | undefined = parsed(reply.text);
  if (isObject(value) && value["error"] !== undefined) value = value["error"];
  if (typeof value === "string" && value.startsWith("{")) {
    // Ollama hands on the JSON of its runner as a string.
    const inner = parsed(value);
    if (isObject(inner)) value = isObject(inner["error"]) ? inner["error"] : inner;
  }
  const fields = isObject(value) ? value : {};
  const said = typeof value === "string" ? value : (fields["message"] ?? fields["detail"] ?? reply.text);
  return {
    ...reply,
    status:
      reply.status === 0 && typeof fields["code"] === "number" && fields["code"] !== 500
        ? fields["code"]
        : reply.status,
    message: brief(typeof said === "string" ? said : JSON.stringify(said)),
    type: typeof fields["type"] === "string" ? fields["type"] : "",
    code: typeof fields["code"] === "string" ? fields["code"] : "",
    fields,
  };
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One line, without its last stop; enough of a page of HTML to know it by. */
function brief(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return (line.length > 400 ? `${line.slice(0, 400)}…` : line).replace(/\.$/, "");
}

function isContext({ type, code, message }: Failure): boolean {
  if (type === "exceed_context_size_error" || code === "context_length_exceeded") return true;
  return CONTEXT.some((one) => one.test(message));
}

function isNoModel({ status, code, message }: Failure): boolean {
  if (code === "model_not_found") return true;
  return (status === 404 || status === 400 || status === 0) && NO_MODEL.test(message);
}

function optionsOf(failure: Failure, remedy?: string): EngineErrorOptions {
  const options: EngineErrorOptions = {};
  if (remedy !== undefined) options.remedy = remedy;
  if (failure.status !== 0) options.status = failure.status;
  if (failure.retryAfterMs !== undefined) options.retryAfterMs = failure.retryAfterMs;
  return options;
}

function who({ address, model }: Failure): string {
  return model === undefined ? address : `${model} at ${address}`;
}

function statusText({ status }: Failure): string {
  return status === 0 ? "" : ` (${status})`;
}

function contextExceeded(failure: Failure): EngineError {
  const { promptTokens, windowTokens } = contextFigures(failure);
  const figures = promptTokens !== undefined && windowTokens !== undefined;
  return new ContextExceededError(
    figures
      ? `The prompt of ${promptTokens} tokens does not fit the window of ${windowTokens} of ${who(failure)}.`
      : `The prompt does not fit the window of ${who(failure)}: ${failure.message}.`,
    {
      ...optionsOf(failure, "Raise the context, or give it less to read."),
      ...(promptTokens === undefined ? {} : { promptTokens }),
      ...(windowTokens === undefined ? {} : { windowTokens }),
    },
  );
}

function contextFigures({ fields, message }: Failure): { promptTokens?: number; windowTokens?: number } {
  const figure = (name: string, ...patterns: RegExp[]): number | undefined => {
    if (typeof fields[name] === "number") return fields[name];
    for (const pattern of patterns) {
      const found = pattern.exec(message)?.[1];
      if (found !== undefined) return Number(found);
    }
    return undefined;
  };
  const promptTokens = figure(
    "n_prompt_tokens",
    /request \((\d+) tokens\)/,
    /\((\d+) in the messages/,
    /(?:has|contains at least|resulted in|input \(|keep the first) ?(\d+)/i,
    /requested (?:a total of )?(\d+)/i,
  );
  const windowTokens = figure(
    "n_ctx",
    /context size \((\d+)/,
    /context length(?: is| of)?(?: only)? \(?(\d+)/i,
  );
  return {
    ...(promptTokens === undefined ? {} : { promptTokens }),
    ...(windowTokens === undefined ? {} : { windowTokens }),
  };
}

function unauthorised(failure: Failure): EngineError {
  const remedy = "Set the right key: OPENAI_API_KEY, or `apiKey` in code.";
  return new AuthenticationError(
    `${failure.address} does not accept the key${statusText(failure)}: ${failure.message}.`,
    optionsOf(failure, remedy),
  );
}

function modelNotFound(failure: Failure): EngineError {
  const named = failure.model === undefined ? "The model" : `The model ${failure.model}`;
  return new ModelNotFoundError(
    `${named} is not at ${failure.address}.`,
    optionsOf(failure, "`hearth models` shows what is there."),
  );
}

function incapable(failure: Failure): EngineError {
  return new CapabilityError(
    `${who(failure)} can't do what was asked: ${failure.message}.`,
    optionsOf(failure, "Choose another model, or start the engine with what the message names."),
  );
}

function busy(failure: Failure): EngineError {
  return new EngineBusyError(
    `${failure.address} is busy${statusText(failure)}: ${failure.message}.`,
    optionsOf(failure, "Try again a little later."),
  );
}

function failed(failure: Failure): EngineError {
  return new EngineFailedError(
    `${failure.address} failed${statusText(failure)}: ${failure.message}.`,
    optionsOf(failure, "Look into the engine's log; a smaller model or context needs less memory."),
  );
}

function cut(failure: Failure): EngineError {
  return new StreamCutError(
    `The answer of ${who(failure)} broke off with an error: ${failure.message}.`,
    optionsOf(failure, "Look into the engine's log if it happens again."),
  );
}

function refused(failure: Failure): EngineError {
  const { location } = failure;
  if (location !== undefined) {
    return new EngineRefusedError(
      `${failure.address} sends requests on to ${location}.`,
      optionsOf(failure, "Give that address instead."),
    );
  }
  const strange = failure.status === 404 || failure.status === 405;
  return new EngineRefusedError(
    `${failure.address} refused the request${statusText(failure)}: ${failure.message}.`,
    optionsOf(
      failure,
      strange
        ? "Check the address, and whether the engine speaks this wire (`--wire ollama|openai`)."
        : "The same request would be refused again; change what the message names.",
    ),
  );
}

import { type ChildProcess, spawn } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { OpenOptions, OpenTimings, Reply, Request } from "./protocol.ts";

/** Characters of the child's stderr that are kept for error messages. */
const NOISE_CHARS = 2000;
/** How long a cancelled request may still run, and how long an idle child may take to end, before it is killed. */
export const STUCK_MS = 2000;
const CLOSE_MS = 1000;
/** How long after its end the child's last words may take through the pipe. Node's `close` event never comes for pipes let go of. */
const LAST_WORDS_MS = 20;

/** Without the parent's own hooks: a test runner's or a debugger's options are not for the child. */
const PRIVATE_ENV = [
  "NODE_OPTIONS",
  "NODE_TEST_CONTEXT",
  "NODE_CHANNEL_FD",
  "NODE_CHANNEL_SERIALIZATION_MODE",
];

export interface Opened {
  contextTokens: number;
  threads: number;
  timings: OpenTimings;
}

/** Why the child could not open the model. */
export class OpenFailure extends Error {
  override readonly name = "OpenFailure";
}

/** The child ended, or was ended; `message` says how. */
export class ChildGone extends Error {
  override readonly name = "ChildGone";
}

export type AnswerReply = Exclude<Reply, { type: "ready" | "unopened" }>;

/**
 * One child process with one model. Lets the parent end when nothing is asked of it, ends with the parent, and keeps what it
 * writes to stdout and stderr to itself.
 */
export class LlamaChild {
  readonly opened: Promise<Opened>;
  readonly options: OpenOptions;
  readonly pid: number | undefined;
  /** The model is open. */
  ready = false;
  #child: ChildProcess;
  #noise = "";
  #gone: ChildGone | undefined;
  #why: string | undefined;
  #open = 0;
  readonly #listeners = new Map<number, (reply: AnswerReply | ChildGone) => void>();
  readonly #exited: Promise<void>;

  /** `cacheFolder`: where Node keeps compiled code, which halves its start. */
  constructor(options: OpenOptions, cacheFolder?: string) {
    this.options = options;
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      ...(cacheFolder === undefined ? {} : { NODE_COMPILE_CACHE: cacheFolder }),
    };
    for (const name of PRIVATE_ENV) delete env[name];
    const own = import.meta.url;
    const main = fileURLToPath(new URL(`./child/main${extname(own)}`, own));
    this.#child = spawn(process.execPath, [main, JSON.stringify(options)], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env,
      windowsHide: true,
    });
    this.pid = this.#child.pid;
    const { promise, resolve, reject } = Promise.withResolvers<Opened>();
    this.opened = promise;
    this.opened.catch(() => {});
    this.#child.on("message", (reply: Reply) => {
      if (reply.type === "ready") {
        this.ready = true;
        resolve(reply);
      } else if (reply.type === "unopened") {
        this.#why = reply.message;
        reject(new OpenFailure(reply.message));
      } else this.#listeners.get(reply.id)?.(reply);
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (data: Buffer) => {
        this.#noise = (this.#noise + data.toString()).slice(-NOISE_CHARS);
      });
    }
    this.#exited = new Promise((done) => {
      const over = (how: string) => {
        if (this.#gone === undefined) {
          const noise = firstLine(this.#noise);
          this.#gone = new ChildGone(noise === "" ? how : `${how} (${noise})`);
          reject(this.#gone);
          process.removeListener("exit", this.#atExit);
          for (const listen of [...this.#listeners.values()]) listen(this.#gone);
        }
        done();
      };
      this.#child.once("error", (error) => over(error.message));
      this.#child.once("exit", (code, signal) => {
        const how = this.#why ?? (signal === null ? `ended with code ${code}` : `was ended by ${signal}`);
        setTimeout(() => over(how), LAST_WORDS_MS);
      });
    });
    process.once("exit", this.#atExit);
    this.#hold(false);
  }

  /** A child at work does not outlive a parent that ends without closing; an idle one finishes its files and ends by itself. */
  readonly #atExit = () => {
    if (this.#listeners.size > 0) this.#child.kill("SIGKILL");
  };

  get gone(): ChildGone | undefined {
    return this.#gone;
  }

  /** Sends a request and hears its replies, the last being `finish`, `aborted`, `value`, `error` or the child's end. */
  ask(request: Exclude<Request, { type: "abort" }>, hear: (reply: AnswerReply | ChildGone) => void): void {
    if (this.#gone !== undefined) {
      hear(this.#gone);
      return;
    }
    this.#noise = "";
    this.#listeners.set(request.id, hear);
    this.#send(request);
  }

  /** What the native library wrote to the child's stderr since the last request; its reader of grammars explains itself there. */
  async lastWords(): Promise<string> {
    await new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS));
    return firstLine(this.#noise);
  }

  forget(id: number): void {
    this.#listeners.delete(id);
  }

  /** Stops a request. A child that does not obey is killed. */
  abort(id: number): void {
    this.#send({ type: "abort", id });
    const timer = setTimeout(() => {
      if (this.#listeners.has(id)) this.#child.kill("SIGKILL");
    }, STUCK_MS);
    timer.unref();
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** Keeps the parent alive while `work` is awaited. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.#hold(true);
    try {
      return await work;
    } finally {
      this.#hold(false);
    }
  }

  /** Lets the child end by itself, and waits for it, but not for long. */
  async close(): Promise<void> {
    if (this.#gone !== undefined) return;
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.kill(), CLOSE_MS);
    await this.during(this.#exited);
    clearTimeout(timer);
  }

  #send(request: Request): void {
    // A closed pipe shows as the child's end, which is told to all listeners.
    if (this.#child.connected) this.#child.send(request, () => {});
  }

  #hold(more: boolean): void {
    this.#open += more ? 1 : 0;
    if (more && this.#open === 1) this.#each("ref");
    if (!more && this.#open > 0) this.#open -= 1;
    if (this.#open === 0) this.#each("unref");
  }

  #each(action: "ref" | "unref"): void {
    this.#child[action]();
    this.#child.channel?.[action]();
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream !== null && hasRef(stream)) stream[action]();
    }
  }
}

/** Pipes of a child are sockets, which Node's types do not say. */
function hasRef(stream: object): stream is { ref(): void; unref(): void } {
  return "ref" in stream && "unref" in stream;
}

function firstLine(text: string): string {
  return (text.trim().split("\n")[0] ?? "").slice(0, 300);
}

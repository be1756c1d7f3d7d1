/**
 * The child process of the embedded engine: opens one model and answers requests about it, one at a time, over the pipe to its
 * parent. It ends with its parent. It knows nothing of messages, tools or formats, and imports nothing outside this package.
 */
import type { OpenOptions, Reply, Request } from "../protocol.ts";
import { complete, type Service } from "./complete.ts";
import { Refusal } from "./errors.ts";
import { type Opened, openModel } from "./model.ts";
import { PrefixStore } from "./prefix.ts";
import { score } from "./score.ts";
import { Sequence, type Stop } from "./sequence.ts";

/** How long pending writes may take when the parent is gone. */
const LAST_MS = 2000;
const LOG_LINES = 20;

const log: string[] = [];
let later: (() => void)[] = [];
let running: { id: number; stop: Stop } | undefined;
let last: Promise<void> = Promise.resolve();
let gone = false;

function send(reply: Reply): void {
  if (!gone && process.connected) process.send?.(reply);
}

/** A native library at work does not take well to an orderly exit; there is nothing left to tidy up. */
function end(): never {
  process.kill(process.pid, "SIGKILL");
  process.exit(1);
}

function takeLog(): string {
  return log.splice(0).join("").trim();
}

function tidy(): void {
  const jobs = later;
  later = [];
  for (const job of jobs) job();
}

function failure(id: number, error: unknown): Reply {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof Refusal)) return { type: "error", id, fault: "failed", message };
  const reply: Reply = { type: "error", id, fault: error.fault, message };
  return error.promptTokens === undefined ? reply : { ...reply, promptTokens: error.promptTokens };
}

async function answer(
  service: Service,
  request: Extract<Request, { type: "complete" | "score" }>,
  stop: Stop,
) {
  if (request.type === "complete") return complete(service, request, stop);
  const value = await score(service.opened, service.sequence, request, stop);
  return stop.aborted
    ? ({ type: "aborted", id: request.id } as const)
    : ({ type: "value", id: request.id, value } as const);
}

function count(opened: Opened, request: Extract<Request, { type: "count" }>): Reply {
  try {
    const tokens = opened.model.tokenize(request.text, true);
    return { type: "value", id: request.id, value: tokens.length };
  } catch (error) {
    return failure(request.id, error);
  }
}

function serve(service: Service, request: Request): void {
  if (request.type === "abort") {
    if (running?.id === request.id) running.stop.aborted = true;
    return;
  }
  if (request.type === "count") {
    send(count(service.opened, request));
    return;
  }
  const stop = { aborted: false };
  running = { id: request.id, stop };
  takeLog();
  last = answer(service, request, stop)
    .catch((error: unknown) => failure(request.id, error))
    .then((reply) => {
      running = undefined;
      send(reply);
      // The answer leaves first.
      setImmediate(tidy);
    });
}

async function open(): Promise<void> {
  const options: OpenOptions = JSON.parse(process.argv[2] ?? "");
  const early: Request[] = [];
  let service: Service | undefined;
  process.on("message", (request: Request) => {
    if (service === undefined) early.push(request);
    else serve(service, request);
  });
  try {
    const opened = await openModel(options, (line) => {
      log.push(line);
      if (log.length > LOG_LINES) log.shift();
    });
    const prefixes = options.prefix === undefined ? undefined : new PrefixStore(options.prefix);
    service = {
      opened,
      sequence: new Sequence(opened),
      prefixes,
      send,
      log: takeLog,
      later: (job) => void later.push(job),
    };
    const { window, timings } = opened;
    send({ type: "ready", contextTokens: window, threads: opened.threads.ideal, timings });
    for (const request of early) serve(service, request);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    send({ type: "unopened", message: [why, takeLog()].filter((text) => text !== "").join(": ") });
    process.disconnect?.();
  }
}

process.on("disconnect", () => {
  gone = true;
  if (running !== undefined) running.stop.aborted = true;
  setTimeout(end, LAST_MS).unref();
  void last.then(tidy).finally(end);
});
for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
void open();

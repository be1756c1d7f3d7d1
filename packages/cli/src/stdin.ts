import { fstatSync } from "node:fs";
import type { Readable } from "node:stream";
import { CLEAN, type Taint, UsageError } from "hearth";
import { neutralise } from "hearth/formats";
import type { Output } from "./output.ts";

/** Largest input taken: what is longer fits no window anyway. */
export const MAX_STDIN_BYTES = 16 * 1024 * 1024;
/**
 * A pipe of a shell may have a slow program before it; a socket is what other programs open for every child, often without
 * writing or closing it.
 */
const FIRST_BYTE_MS = { pipe: 10_000, socket: 1000 } as const;
const NOTICE_MS = 300;

export type StdinKind = "terminal" | "file" | "pipe" | "socket" | "none";

/** What stands behind file descriptor 0. */
export function stdinKind(isTerminal: boolean): StdinKind {
  if (isTerminal) return "terminal";
  try {
    const stat = fstatSync(0);
    if (stat.isFile()) return "file";
    if (stat.isFIFO()) return "pipe";
    return stat.isSocket() ? "socket" : "none";
  } catch {
    return "none";
  }
}

export interface PipedOptions {
  stream: Readable;
  kind: StdinKind;
  out: Output;
  /** Nothing else says what to do, so it is waited for without bound. */
  needed: boolean;
  firstByteMs?: number;
}

/**
 * What is piped into the command. Where there is another task, an open stdin that stays silent is waited for only so long, and
 * what was not waited for is said: a program that leaves stdin open must not hang the run.
 */
export async function readPiped({ stream, kind, out, needed, firstByteMs }: PipedOptions): Promise<string> {
  if (kind === "terminal" || kind === "none") return "";
  const bound = kind === "file" || needed ? undefined : (firstByteMs ?? FIRST_BYTE_MS[kind]);
  const chunks: Buffer[] = [];
  let bytes = 0;
  await new Promise<void>((resolve, reject) => {
    const timers: NodeJS.Timeout[] = [];
    const finish = (error?: Error): void => {
      for (const timer of timers) clearTimeout(timer);
      stream.removeAllListeners();
      stream.pause();
      stream.destroy();
      if (error === undefined) resolve();
      else reject(error);
    };
    if (bound !== undefined) {
      timers.push(
        setTimeout(
          () => out.note(`Waiting for input on stdin, at most ${bound / 1000} s (close it, or </dev/null).`),
          NOTICE_MS,
        ),
        setTimeout(() => {
          out.note(`hearth: stdin is open but said nothing for ${bound / 1000} s; going on without it.`);
          finish();
        }, bound),
      );
    }
    stream.on("data", (chunk: Buffer | string) => {
      for (const timer of timers) clearTimeout(timer);
      const piece = Buffer.from(chunk);
      bytes += piece.length;
      if (bytes > MAX_STDIN_BYTES) finish(tooLong());
      else chunks.push(piece);
    });
    stream.once("end", () => finish());
    stream.once("error", () => finish());
  });
  return Buffer.concat(chunks).toString("utf8");
}

function tooLong(): UsageError {
  return new UsageError(`The input on stdin is longer than ${MAX_STDIN_BYTES / 1048576} MiB.`, {
    remedy: "Put it into a file of the workspace: the tools read it in parts.",
  });
}

/** A task, and what it holds of somebody else's words. */
export interface Task {
  text: string;
  taint: Taint;
}

/** By whom piped text counts as brought. */
const INPUT = "piped input";

/**
 * The task: the words of the command line, then what was piped in. The words are the user's own. What is piped beside them is data, as a
 * tool's result is: untrusted, private, tokens of chat templates in it made harmless. Where nothing else is said, the pipe is the task.
 */
export function taskOf(words: readonly string[], piped: string): Task {
  const said = words
    .filter((word) => word !== "-")
    .join(" ")
    .trim();
  const given = piped.trim();
  if (said === "" || given === "") return { text: said === "" ? given : said, taint: CLEAN };
  return { text: `${said}\n\n${neutralise(given)}`, taint: { untrusted: INPUT, private: INPUT } };
}

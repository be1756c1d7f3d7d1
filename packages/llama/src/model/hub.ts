import { createWriteStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { BaseModel, DownloadProgress } from "./base.ts";

const ATTEMPTS = 3;
/** A connection that brings nothing for so long is given up, and resumed. */
const SILENCE_MS = 30_000;

/** The hub's host; `HF_ENDPOINT` replaces it, as for all tools of that hub. */
export function hubHost(usual: string, endpoint = process.env["HF_ENDPOINT"]): string {
  return (endpoint === undefined || endpoint === "" ? usual : endpoint).replace(/\/+$/, "");
}

/** The address of the file. */
export function hubUrl({ hub }: Pick<BaseModel, "hub">, endpoint = process.env["HF_ENDPOINT"]): string {
  const file = hub.file.split("/").map(encodeURIComponent).join("/");
  return `${hubHost(hub.endpoint, endpoint)}/${hub.repository}/resolve/${hub.revision}/${file}`;
}

/** The user's token for the hub, for models that ask for one. It is not passed on where the hub sends us elsewhere. */
export function hubHeaders(): Record<string, string> {
  const token = process.env["HF_TOKEN"];
  return token === undefined || token === "" ? {} : { authorization: `Bearer ${token}` };
}

/** A refusal by the server, which another attempt would meet again. */
class RefusedError extends Error {}

/** Brings the file into `part`, which is kept when the connection breaks and gone on with next time. */
export async function hubDownload(
  base: BaseModel,
  part: string,
  onProgress: (progress: DownloadProgress) => void,
  signal?: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(base, part, onProgress, signal);
    } catch (error) {
      signal?.throwIfAborted();
      const full = error instanceof Error && "code" in error && error.code === "ENOSPC";
      if (attempt === ATTEMPTS || full || error instanceof RefusedError) throw error;
    }
  }
}

async function once(
  base: BaseModel,
  part: string,
  onProgress: (progress: DownloadProgress) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const have = (await stat(part).catch(() => undefined))?.size ?? 0;
  if (have === base.bytes) return;
  if (have > base.bytes) await rm(part, { force: true });
  const from = have > base.bytes ? 0 : have;
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new Error("the server went silent")), SILENCE_MS);
  const signals = signal === undefined ? [silence.signal] : [silence.signal, signal];
  try {
    const response = await fetch(hubUrl(base), {
      headers: { ...hubHeaders(), ...(from > 0 ? { range: `bytes=${from}-` } : {}) },
      signal: AbortSignal.any(signals),
    });
    const { status, body } = response;
    if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
      throw new RefusedError(`${hubUrl(base)} answered ${status}`);
    }
    if (!response.ok || body === null) throw new Error(`${hubUrl(base)} answered ${status}`);
    // A server that knows no ranges sends the whole again.
    const resumed = status === 206;
    let received = resumed ? from : 0;
    const count = new Transform({
      transform(chunk: Buffer, _encoding, next) {
        received += chunk.length;
        timer.refresh();
        if (received > base.bytes)
          return next(new RefusedError(`${hubUrl(base)} sends more than the file's size`));
        onProgress({ receivedBytes: received, totalBytes: base.bytes });
        next(null, chunk);
      },
    });
    await pipeline(Readable.fromWeb(body), count, createWriteStream(part, { flags: resumed ? "a" : "w" }));
    if (received < base.bytes)
      throw new Error(`the connection ended after ${received} of ${base.bytes} bytes`);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * `npm run prove:streams`: 1,000 forced disconnects of followers that come back with Last-Event-ID, over a `kill -9` of the service;
 * and 256 followers of which 32 never read. Counts what was lost and doubled, and what the stalled ones cost the others.
 */
import { type Service, skip, startService } from "../packages/server/test/process/support.ts";

const DISCONNECTS = 1000;
const RUNS = 8;
const FOLLOWERS = 256;
const STALLED = 32;
/** With and without the stalled ones in turn; the middle counts. */
const ROUNDS = 7;
const WARM_MS = 1500;
const JSON_TYPE = { "content-type": "application/json" };

if (skip !== false) {
  console.log(`skipped: ${skip}`);
  process.exit(1);
}
let failed = false;
const said = (ok: boolean, line: string): void => {
  failed ||= !ok;
  console.log(`${ok ? "ok  " : "FAIL"} ${line}`);
};
const args = ["--parallel", "64", "--max-queue", "64"];
/** One key may not ask that often, nor follow that much: here it is the streams that are tried, not their bounds. */
const env = {
  HEARTH_HTTP__RATE: "1000000",
  HEARTH_HTTP__OPEN: "1024",
  // As `npm start` and the units start it.
  NODE_OPTIONS: "--max-semi-space-size=8 --max-old-space-size=1024",
};
if (!process.argv.includes("--stalled")) await disconnects();
await stalled();
process.exitCode = failed ? 1 : 0;

async function disconnects(): Promise<void> {
  // 3,000 pieces a run, however often it begins anew: long enough to be left 125 times.
  await using service = await startService(() => ({ text: "word ".repeat(3000), textChunk: 5, gapMs: 4 }), {
    args,
    env,
  });
  const ids = await Promise.all(Array.from({ length: RUNS }, () => begin(service)));
  let left = 0;
  let restarted = false;
  const seen = await Promise.all(
    ids.map(async (id) => {
      const seqs: number[] = [];
      while (left < DISCONNECTS) {
        const more = await some(service, id, seqs.at(-1) ?? 0, 1 + (left % 20));
        // Who found nobody there was not left.
        if (more === undefined) continue;
        left++;
        seqs.push(...more);
        if (left < DISCONNECTS / 2 || restarted) continue;
        restarted = true;
        await service.restart();
        await Promise.all(ids.map((run) => resume(service, run)));
      }
      let rest: number[] | undefined;
      while (rest === undefined) rest = await some(service, id, seqs.at(-1) ?? 0, Number.POSITIVE_INFINITY);
      seqs.push(...rest);
      return seqs;
    }),
  );
  let lost = 0;
  let doubled = 0;
  let events = 0;
  for (const [i, seqs] of seen.entries()) {
    const view = (await (await fetch(`${service.url}/agent/runs/${ids[i]}`)).json()) as { lastSeq: number };
    events += view.lastSeq;
    const unique = new Set(seqs);
    doubled += seqs.length - unique.size;
    lost += view.lastSeq - unique.size;
    if (seqs.some((seq, k) => k > 0 && seq <= seqs[k - 1]!)) said(false, `run ${ids[i]}: out of order`);
  }
  said(
    lost === 0 && doubled === 0,
    `${left} disconnects over one kill -9, ${RUNS} runs, ${events} events: ${lost} lost, ${doubled} doubled`,
  );
}

async function begin({ url }: Service): Promise<string> {
  const body = JSON.stringify({ input: "Go on.", background: true });
  const reply = await fetch(`${url}/agent`, { method: "POST", headers: JSON_TYPE, body });
  return ((await reply.json()) as { runId: string }).runId;
}

async function resume({ url, token }: Service, id: string): Promise<void> {
  const headers = { ...JSON_TYPE, authorization: `Bearer ${token}` };
  const body = JSON.stringify({ background: true });
  const reply = await fetch(`${url}/agent/runs/${id}/resume`, { method: "POST", headers, body });
  if (reply.status !== 202 && reply.status !== 409)
    throw new Error(`resume: ${reply.status} ${await reply.text()}`);
}

/** Seqs of up to `most` events after `after`; then the follower is gone without a word. `undefined`: the service was away. */
async function some(
  service: Service,
  id: string,
  after: number,
  most: number,
): Promise<number[] | undefined> {
  const seqs: number[] = [];
  const leave = new AbortController();
  try {
    const reply = await fetch(`${service.url}/agent/runs/${id}/events`, {
      headers: { "last-event-id": String(after) },
      signal: leave.signal,
    });
    if (reply.status === 429) said(false, "refused: too many requests");
    if (reply.status === 204) return seqs;
    if (reply.status !== 200 || reply.body === null) return undefined;
    let rest = "";
    for await (const chunk of reply.body.pipeThrough(new TextDecoderStream())) {
      const frames = (rest + chunk).split("\n\n");
      rest = frames.pop() ?? "";
      for (const frame of frames) {
        const id = /^id: (\d+)$/m.exec(frame)?.[1];
        if (id === undefined) continue;
        seqs.push(Number(id));
        if (seqs.length >= most) return seqs;
      }
    }
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (seqs.length === 0) return undefined;
  } finally {
    leave.abort();
  }
  return seqs;
}

/** The same run followed by many at once, with and without those that never read. */
async function stalled(): Promise<void> {
  const alone: Figures[] = [];
  const beside: Figures[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    alone.push(await follow(FOLLOWERS - STALLED, 0));
    beside.push(await follow(FOLLOWERS - STALLED, STALLED));
  }
  const p99 = (figures: Figures[]): number => median(figures.map((one) => one.p99));
  const grown = (figures: Figures[]): number => median(figures.map((one) => one.growthMb));
  const ratio = p99(beside) / p99(alone);
  const cost = grown(beside) - grown(alone);
  said(
    ratio < 1.5 && grown(beside) < 64,
    `${FOLLOWERS} followers, ${STALLED} of them stalled: the others' p99 ${p99(beside).toFixed(0)} ms, ${p99(alone).toFixed(0)} ms without the stalled (${ratio.toFixed(2)} ×); the stalled cost ${cost.toFixed(0)} MB (growth ${grown(beside).toFixed(0)} MB with them, ${grown(alone).toFixed(0)} MB without)`,
  );
}

interface Figures {
  p99: number;
  growthMb: number;
}

async function follow(readers: number, idle: number): Promise<Figures> {
  const long = "word ".repeat(20_000);
  await using service = await startService(() => ({ text: long, textChunk: 400, gapMs: 10 }), { args, env });
  const id = await begin(service);
  const path = `${service.url}/agent/runs/${id}/events`;
  const quiet = await Promise.all(Array.from({ length: idle }, () => fetch(path)));
  const before = service.rssMb();
  let most = before;
  const delays: number[] = [];
  // All connect at once, and are given what was there before: only then everybody follows live.
  const warm = Date.now() + WARM_MS;
  const watch = setInterval(() => {
    most = Math.max(most, service.rssMb());
  }, 100);
  await Promise.all(
    Array.from({ length: readers }, async () => {
      const reply = await fetch(path);
      for await (const chunk of reply.body!.pipeThrough(new TextDecoderStream())) {
        const now = Date.now();
        const times = [...chunk.matchAll(/"time":"([^"]+)","type":"text\.delta"/g)];
        const last = times.at(-1)?.[1];
        if (last !== undefined && now > warm) delays.push(now - Date.parse(last));
      }
    }),
  );
  clearInterval(watch);
  for (const reply of quiet) await reply.body?.cancel();
  delays.sort((a, b) => a - b);
  return { p99: delays[Math.floor(delays.length * 0.99)] ?? Number.NaN, growthMb: most - before };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

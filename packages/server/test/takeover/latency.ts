/** How soon an event of a run that one service drives is seen by who follows it at another one, and by who reads the tables. */
import type { RunEvent } from "hearth";
import type { Worker, World } from "./world.ts";

/** What was there before somebody followed is no news. */
const WARM_MS = 400;

export interface Delays {
  p50: number;
  p99: number;
  count: number;
}

export async function delays(world: World, driver: Worker, other: Worker, runs: number) {
  const neighbour: number[] = [];
  const tables: number[] = [];
  const stories = await Promise.all(
    Array.from({ length: runs }, async () => (await world.begin(driver, "Tell a story")).runId),
  );
  await Promise.all(
    stories.flatMap((runId) => [
      overHttp(`${other.url}/agent/runs/${runId}/events`, neighbour),
      inTables(world, runId, tables),
    ]),
  );
  return { neighbour: figures(neighbour), tables: figures(tables) };
}

async function overHttp(url: string, out: number[]): Promise<void> {
  const reply = await fetch(url);
  const warm = Date.now() + WARM_MS;
  let rest = "";
  for await (const chunk of reply.body!.pipeThrough(new TextDecoderStream())) {
    const now = Date.now();
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines)
      if (line.startsWith("data: ") && now > warm) count(JSON.parse(line.slice(6)) as RunEvent, now, out);
  }
}

async function inTables({ journal }: World, runId: string, out: number[]): Promise<void> {
  const warm = Date.now() + WARM_MS;
  for await (const event of journal.follow?.(runId, 0, new AbortController().signal) ?? [])
    if (Date.now() > warm) count(event, Date.now(), out);
}

function count(event: RunEvent, now: number, out: number[]): void {
  if (event.type === "text.delta") out.push(now - Date.parse(event.time));
}

function figures(delays: number[]): Delays {
  delays.sort((a, b) => a - b);
  const at = (share: number): number => delays[Math.floor(share * (delays.length - 1))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), count: delays.length };
}

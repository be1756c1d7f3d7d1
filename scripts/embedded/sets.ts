/** The frozen sets, asked of the pocket model: single requests past the loop, planted tasks through it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type EmbeddedEngine, POCKET } from "@hearth/llama";
import { DEFAULT_INSTRUCTIONS, workspaceNames } from "@hearth/runtime";
import { selectTools } from "@hearth/tools";
import { agent, schemaOf, type ToolSchema } from "hearth";
import { callGrammar, dialectById } from "hearth/formats";
import {
  holdsFacts,
  judge,
  type PlantedTask,
  plantedTasks,
  type Row,
  type SetName,
  type Tasks,
  toolSets,
} from "../../packages/llama/test/sets/judge.ts";
import { ask, userSays } from "./pocket.ts";
import { wilson } from "./score.ts";

/** How calls are written: by the model alone, held to the schema, or pointed at as the command does. */
export const DECODINGS = ["free", "typed", "pointed"] as const;
export type Decoding = (typeof DECODINGS)[number];

export interface Count {
  hits: number;
  of: number;
}

export interface SetScore {
  tool: Count;
  exact: Count;
  /** Of the rows where nothing fits. */
  refused: Count;
  msEach: number;
  misses: string[];
}

/** The default tools as the model is shown them. */
export const fileTools = (): ToolSchema[] => selectTools("", { workspace: tmpdir() }).map(schemaOf);

/** Which tools a row is asked with. */
export function toolsFor(rows: readonly Row[], set: SetName = "first"): (row: Row) => ToolSchema[] {
  const files = rows.some(({ domain }) => domain === undefined) ? fileTools() : [];
  const sets = new Map(toolSets(set).map(({ domain, tools }) => [domain, tools]));
  return ({ domain }) => (domain === undefined ? files : (sets.get(domain) ?? []));
}

export async function scoreSet(
  engine: EmbeddedEngine,
  rows: readonly Row[],
  decoding: Decoding,
  set: SetName = "first",
): Promise<SetScore> {
  const zero = (): Count => ({ hits: 0, of: 0 });
  const out: SetScore = { tool: zero(), exact: zero(), refused: zero(), msEach: 0, misses: [] };
  const toolsOf = toolsFor(rows, set);
  for (const row of rows) {
    const tools = toolsOf(row);
    const said = await ask(engine, userSays(row.request), tools, grammarOf(decoding, tools));
    out.msEach += said.ms / rows.length;
    const verdict = judge(row, said.made);
    if (row.right.length === 0) add(out.refused, verdict.tool);
    else {
      add(out.tool, verdict.tool);
      add(out.exact, verdict.exact);
    }
    if (!verdict.exact) out.misses.push(miss(row, said.call ?? said.text));
  }
  return out;
}

function add(count: Count, hit: boolean): void {
  count.of++;
  if (hit) count.hits++;
}

const miss = ({ request, right }: Row, got: unknown): string =>
  `${request} → ${JSON.stringify(got)}, wanted ${right.length === 0 ? "no call" : JSON.stringify(right[0])}`;

function grammarOf(decoding: Decoding, tools: ToolSchema[]): Parameters<typeof ask>[3] {
  if (decoding !== "typed") return decoding;
  const dialect = dialectById("hermes");
  if (dialect === undefined) throw new Error("the Hermes dialect is gone");
  return callGrammar({ dialect, tools, parallel: false });
}

export interface TaskScore {
  all: Count;
  kinds: Record<PlantedTask["kind"], Count>;
  misses: string[];
}

const MAX_STEPS = 15;

/** Every planted task in a folder of its own, through the loop with what the command gives it. */
export async function scoreTasks(
  engine: EmbeddedEngine,
  { folders, tasks }: Tasks = plantedTasks(),
): Promise<TaskScore> {
  const zero = (): Count => ({ hits: 0, of: 0 });
  const kinds = { said: zero(), chain: zero(), compare: zero() };
  const out: TaskScore = { all: zero(), kinds, misses: [] };
  for (const task of tasks) {
    const workspace = plant(folders[task.folder] ?? {});
    try {
      const { text, stopReason } = await agent({
        model: { engine, model: POCKET },
        instructions: DEFAULT_INSTRUCTIONS,
        tools: selectTools("", { workspace }),
        workspace,
        artifacts: false,
        workspaceNames: () => workspaceNames(workspace),
        limits: { maxSteps: MAX_STEPS },
      }).run(task.ask);
      const solved = stopReason === "answer" && holdsFacts(text, task.right);
      add(out.all, solved);
      add(kinds[task.kind], solved);
      if (!solved) out.misses.push(`${task.ask} → ${stopReason}: ${JSON.stringify(text.slice(0, 200))}`);
    } finally {
      rmSync(workspace, { recursive: true, force: true });
    }
  }
  return out;
}

function plant(files: Record<string, string | { bytes: number }>): string {
  const folder = mkdtempSync(join(tmpdir(), "hearth-task-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), typeof content === "string" ? content : Buffer.alloc(content.bytes, 1));
  }
  return folder;
}

/** `77 of 82, 94 % (87–97)`: Wilson's interval at 95 %. */
export function share({ hits, of }: Count): string {
  const percent = (value: number): string => `${Math.round(value * 100)}`;
  const [low, high] = wilson(hits, of);
  return `${hits} of ${of}, ${percent(of === 0 ? 0 : hits / of)} % (${percent(low)}–${percent(high)})`;
}

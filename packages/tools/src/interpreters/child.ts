/** The child process of level L0: takes one job after the other over its channel. Started by pool.ts with an empty environment. */
import { runJavaScript } from "./javascript.ts";
import type { Job, JobResult } from "./protocol.ts";
import { runPython } from "./python.ts";

/** WebAssembly and V8 give memory back late or never: a child that grew makes room for a fresh one. */
const MAX_RESIDENT = 300 * 1024 * 1024;

async function answer(job: Job): Promise<JobResult> {
  return job.language === "python" ? runPython(job) : await runJavaScript(job);
}

process.on("message", (job: Job) => {
  void answer(job).then(
    (result) => send(result),
    (error: unknown) =>
      send({
        id: job.id,
        output: "",
        truncated: false,
        error: { type: "InternalError", text: error instanceof Error ? error.message : String(error) },
      }),
  );
});
process.on("disconnect", () => process.exit(0));

function send(result: JobResult): void {
  process.send?.(result, () => {
    if (process.memoryUsage.rss() > MAX_RESIDENT) process.exit(0);
  });
}

/** The child process of level L0: takes one job after the other over its channel. Started by pool.ts with an empty environment. */
import type { Job, JobResult } from "./protocol.ts";

/** WebAssembly and V8 give memory back late or never: a child that grew makes room for a fresh one. */
const MAX_RESIDENT = 300 * 1024 * 1024;

async function answer(job: Job): Promise<JobResult> {
  // Each interpreter is loaded with its first job; the time of the job begins when that is done.
  const run = job.language === "python" ? (await import("./python.ts")).runPython : await javascript();
  process.send?.({ started: job.id });
  return await run(job);
}

async function javascript(): Promise<(job: Job) => Promise<JobResult>> {
  const { loadJavaScript, runJavaScript } = await import("./javascript.ts");
  await loadJavaScript();
  return runJavaScript;
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

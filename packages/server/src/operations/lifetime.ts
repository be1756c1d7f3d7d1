/** Exit code of a process that was told twice to end. */
const IMPATIENT = 130;

/**
 * Waits until the service is to end. SIGHUP reads the settings again. SIGTERM asks it to end gently, `ended` to end now; whoever asks
 * again while it ends gets an end at once, and nothing is waited for.
 */
export function lifetime(ended: AbortSignal, reload: () => void): Promise<{ gentle: boolean }> {
  process.on("SIGHUP", reload);
  return new Promise((resolve) => {
    const impatient = (): never => process.exit(IMPATIENT);
    process.once("SIGTERM", () => {
      process.on("SIGTERM", impatient);
      ended.addEventListener("abort", impatient, { once: true });
      resolve({ gentle: true });
    });
    const now = (): void => {
      process.on("SIGTERM", impatient);
      resolve({ gentle: false });
    };
    if (ended.aborted) now();
    else ended.addEventListener("abort", now, { once: true });
  });
}

import type { AskWatch, Observer } from "../observe/index.ts";
import { type BoundedLabel, Counter, Gauge, Histogram, type Metric, OTHER } from "./instruments.ts";

/** Seconds; the bounds of vLLM's `time_to_first_token_seconds`, from a cached prompt to a large one on a small machine. */
const FIRST_S = [0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160];
/** Seconds a token: 100 to half a token a second. */
const TOKEN_S = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];
const WHOLE_S = [0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960];

/** Questions to engines, under the names that dashboards for vLLM know. */
export function askMetrics(models: BoundedLabel): { observer: Observer; metrics: Metric[] } {
  let running = 0;
  const label = ["model_name"];
  const first = new Histogram(
    "hearth:time_to_first_token_seconds",
    "From asking the engine to its first token; time in line is not in it.",
    FIRST_S,
    label,
  );
  const token = new Histogram(
    "hearth:time_per_output_token_seconds",
    "Mean time of a token after the first, by answer.",
    TOKEN_S,
    label,
  );
  const whole = new Histogram(
    "hearth:e2e_request_latency_seconds",
    "From asking the engine to the end of its answer.",
    WHOLE_S,
    label,
  );
  const prompt = new Counter("hearth:prompt_tokens_total", "Tokens of prompts.", label);
  const cached = new Counter(
    "hearth:prompt_tokens_cached_total",
    "Tokens of prompts that the engine's cache held.",
    label,
  );
  const generated = new Counter("hearth:generation_tokens_total", "Tokens of answers.", label);
  const success = new Counter("hearth:request_success_total", "Whole answers, by how they ended.", [
    "model_name",
    "finished_reason",
  ]);
  const failures = new Counter("hearth:request_failures_total", "Questions without a whole answer, by why.", [
    "model_name",
    "error",
  ]);
  const gauge = new Gauge("hearth:num_requests_running", "Questions that engines answer now.", () => running);

  const observer: Observer = {
    ask({ model }) {
      running++;
      let name = OTHER;
      const watch: AskWatch = {
        event(event) {
          // It answers to this name, so the name is real.
          if (name === OTHER && event.type !== "wait") name = models.admit(model);
        },
        end({ how, ms, firstMs, reason, usage, error }) {
          running--;
          if (name === OTHER) name = models.known(model);
          if (firstMs !== undefined) first.observe(firstMs / 1000, name);
          if (usage !== undefined) {
            prompt.add(usage.input, name);
            generated.add(usage.output, name);
            if (usage.cached !== undefined) cached.add(usage.cached, name);
            if (firstMs !== undefined && usage.output > 1)
              token.observe((ms - firstMs) / 1000 / (usage.output - 1), name);
          }
          if (how === "whole") {
            whole.observe(ms / 1000, name);
            success.add(1, name, reason ?? "stop");
          } else failures.add(1, name, how === "left" ? "abort" : errorClass(error));
        },
      };
      return watch;
    },
  };
  return {
    observer,
    metrics: [gauge, first, token, whole, prompt, cached, generated, success, failures],
  };
}

/** Our own error classes are few; what is none of them has one name. */
export function errorClass(error: unknown): string {
  return error instanceof Error && /^[A-Z]\w{0,40}Error$/.test(error.name) ? error.name : "Error";
}

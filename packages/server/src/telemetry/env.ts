import { UsageError } from "hearth";

type Environment = Readonly<Record<string, string | undefined>>;

export interface Target {
  url: string;
  headers: Readonly<Record<string, string>>;
  timeoutMs: number;
}

/** Which traces are kept: a share of those that begin here; of others, what their beginning decided, unless it is not to count. */
export interface Sampling {
  share: number;
  parent: boolean;
}

export interface TelemetrySettings {
  traces?: Target;
  metrics?: Target;
  serviceName: string;
  resource: Readonly<Record<string, string>>;
  sampling: Sampling;
  /** Prompts, answers, arguments and results stand in the spans. */
  content: boolean;
  gzip: boolean;
  maxSpans: number;
  batchSpans: number;
  delayMs: number;
  intervalMs: number;
}

/**
 * The settings of OpenTelemetry as its specification names them, from the process environment alone: a file in a workspace must not
 * choose where data goes. `undefined` where nobody wants spans or metrics.
 * @throws UsageError for a value that can't be meant
 */
export function telemetrySettings(env: Environment): TelemetrySettings | undefined {
  if (isTrue(env["OTEL_SDK_DISABLED"])) return undefined;
  const traces = target(env, "TRACES", "/v1/traces");
  const metrics = target(env, "METRICS", "/v1/metrics");
  if (traces === undefined && metrics === undefined) return undefined;
  const resource = pairs(env["OTEL_RESOURCE_ATTRIBUTES"], "OTEL_RESOURCE_ATTRIBUTES");
  return {
    ...(traces === undefined ? {} : { traces }),
    ...(metrics === undefined ? {} : { metrics }),
    serviceName: env["OTEL_SERVICE_NAME"] || resource["service.name"] || "hearth",
    resource,
    sampling: sampling(env),
    content: /^(true|1|span_only|span_and_event)$/i.test(
      env["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"]?.trim() ?? "",
    ),
    gzip: env["OTEL_EXPORTER_OTLP_COMPRESSION"] === "gzip",
    maxSpans: whole(env, "OTEL_BSP_MAX_QUEUE_SIZE", 2048),
    batchSpans: whole(env, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512),
    delayMs: whole(env, "OTEL_BSP_SCHEDULE_DELAY", 5000),
    intervalMs: whole(env, "OTEL_METRIC_EXPORT_INTERVAL", 60_000),
  };
}

/** Whether an endpoint is named at all: asked before anything of this room is loaded. */
export function wantsTelemetry(env: Environment): boolean {
  const names = ["", "_TRACES", "_METRICS"].map((part) => `OTEL_EXPORTER_OTLP${part}_ENDPOINT`);
  return !isTrue(env["OTEL_SDK_DISABLED"]) && names.some((name) => (env[name] ?? "").trim() !== "");
}

function target(env: Environment, signal: "TRACES" | "METRICS", path: string): Target | undefined {
  if (env[`OTEL_${signal}_EXPORTER`]?.trim() === "none") return undefined;
  const read = (name: string): string | undefined =>
    (env[`OTEL_EXPORTER_OTLP_${signal}_${name}`] || env[`OTEL_EXPORTER_OTLP_${name}`])?.trim() || undefined;
  const own = env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`]?.trim();
  const base = env["OTEL_EXPORTER_OTLP_ENDPOINT"]?.trim();
  // The common one is a base, the signal's own is taken as it stands.
  const url = own || (base ? base.replace(/\/+$/, "") + path : undefined);
  if (url === undefined) return undefined;
  if (!URL.canParse(url) || !/^https?:/i.test(url)) {
    throw new UsageError(`"${url}" is no endpoint of OTLP over HTTP.`, {
      remedy: "Write OTEL_EXPORTER_OTLP_ENDPOINT like http://127.0.0.1:4318.",
    });
  }
  const protocol = read("PROTOCOL");
  if (protocol !== undefined && !protocol.startsWith("http/")) {
    throw new UsageError(`OTLP goes out over HTTP here, not by "${protocol}".`, {
      remedy: "Set OTEL_EXPORTER_OTLP_PROTOCOL=http/json and the collector's HTTP port (4318).",
    });
  }
  const headers = {
    ...pairs(env["OTEL_EXPORTER_OTLP_HEADERS"], "OTEL_EXPORTER_OTLP_HEADERS"),
    ...pairs(env[`OTEL_EXPORTER_OTLP_${signal}_HEADERS`], `OTEL_EXPORTER_OTLP_${signal}_HEADERS`),
  };
  return { url, headers, timeoutMs: Number(read("TIMEOUT")) || 10_000 };
}

const SAMPLERS: Readonly<Record<string, (share: number) => Sampling>> = {
  always_on: () => ({ share: 1, parent: false }),
  always_off: () => ({ share: 0, parent: false }),
  traceidratio: (share) => ({ share, parent: false }),
  parentbased_always_on: () => ({ share: 1, parent: true }),
  parentbased_always_off: () => ({ share: 0, parent: true }),
  parentbased_traceidratio: (share) => ({ share, parent: true }),
};

function sampling(env: Environment): Sampling {
  const name = env["OTEL_TRACES_SAMPLER"]?.trim() || "parentbased_always_on";
  const given = env["OTEL_TRACES_SAMPLER_ARG"]?.trim() || "1";
  const share = Number(given);
  const make = Object.hasOwn(SAMPLERS, name) ? SAMPLERS[name] : undefined;
  if (make === undefined || !(share >= 0 && share <= 1)) {
    throw new UsageError(`OTEL_TRACES_SAMPLER "${name}" with "${given}" is not known.`, {
      remedy: `One of ${Object.keys(SAMPLERS).join(", ")}; OTEL_TRACES_SAMPLER_ARG from 0 to 1.`,
    });
  }
  return make(share);
}

/** `a=1,b=2`, percent-encoded (the specification's form of baggage). */
function pairs(text: string | undefined, name: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const part of (text ?? "").split(",").filter((one) => one.trim() !== "")) {
    const at = part.indexOf("=");
    if (at < 1)
      throw new UsageError(`${name} holds a part without "=".`, {
        remedy: "Write it like name=value,name=value.",
      });
    const value = part.slice(at + 1).trim();
    found[part.slice(0, at).trim()] = decoded(value);
  }
  return found;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function whole(env: Environment, name: string, otherwise: number): number {
  const value = Number(env[name]?.trim() || otherwise);
  if (Number.isInteger(value) && value > 0) return value;
  throw new UsageError(`${name} must be a whole number above 0, not "${env[name]}".`);
}

const isTrue = (text: string | undefined): boolean => text?.trim().toLowerCase() === "true";

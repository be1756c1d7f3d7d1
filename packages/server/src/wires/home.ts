import { createHash } from "node:crypto";
import type { ModelInfo, RunSummary } from "hearth";
import { hasScope, principalOf } from "../access/index.ts";
import type { Routes } from "../openapi/index.ts";
import type { WireContext } from "./context.ts";
import type { Driver } from "./drive.ts";
import { knownModels } from "./model/index.ts";
import { statusOf } from "./run-log.ts";
import { leaving } from "./stream.ts";

/** Runs shown on the page. */
const SHOWN = 20;

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #8884;vertical-align:top}
code{font-size:.9em}@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}a{color:#8bf}}`;

/** No script, nothing from elsewhere, not to be framed: a task or a model's name can hold anything. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

/** `GET /`: a page for a browser, a line of text for everybody else (Ollama's clients look for one). */
export function homeWire(routes: Routes, context: WireContext, { journal, live }: Driver): void {
  routes.add(
    {
      method: "GET",
      path: "/",
      id: "home",
      access: "key",
      tag: "Operations",
      summary: "Models and runs for a browser, a line of text for programs",
      answers: { 200: { description: "The page, or the text", content: ["text/plain", "text/html"] } },
    },
    async (c) => {
      if (!(c.req.header("accept") ?? "").includes("text/html")) return c.text("Hearth is running");
      const by = principalOf(c);
      const models = hasScope(by, "models")
        ? await knownModels(context, by, leaving(c).signal).catch((error: Error) => error.message)
        : [];
      const runs = hasScope(by, "agents") ? await journal.list({ tenant: by.tenant, limit: SHOWN }) : [];
      const rows = runs.map((run) => runRow(run, statusOf(run, live)));
      return c.html(page(modelsPart(models), rows), 200, {
        "content-security-policy": POLICY,
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
      });
    },
  );
}

function page(models: string, runs: readonly string[]): string {
  const table =
    runs.length === 0
      ? "<p>No runs yet.</p>"
      : `<table><tr><th>Run</th><th>Task</th><th>Model</th><th>Status</th><th>Started</th></tr>${runs.join("")}</table>`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Hearth</title><style>${STYLE}</style></head>
<body><h1>Hearth</h1><h2>Models</h2>${models}<h2>Runs</h2>${table}<p><a href="/openapi.json">All routes</a></p></body></html>`;
}

function modelsPart(models: readonly ModelInfo[] | string): string {
  if (typeof models === "string") return `<p>The engine does not answer: ${escaped(models)}</p>`;
  const items = models.map(({ name, maxContextTokens: window, capabilities = [] }) => {
    const facts = [
      ...capabilities,
      ...(window === undefined ? [] : [`${window.toLocaleString("en-US")} tokens`]),
    ];
    return `<li><code>${escaped(name)}</code> ${escaped(facts.join(", "))}</li>`;
  });
  return `<ul>${items.join("")}</ul>`;
}

function runRow({ runId, task, model, startedAt, stopReason }: RunSummary, status: string): string {
  const id = escaped(runId);
  const short = task.length > 120 ? `${task.slice(0, 119).toWellFormed()}…` : task;
  const cells = [short, model, stopReason ?? status, startedAt].map((cell) => `<td>${escaped(cell)}</td>`);
  return `<tr><td><a href="/agent/runs/${id}"><code>${id}</code></a></td>${cells.join("")}</tr>`;
}

const ESCAPES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(value: string): string {
  return value.replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char);
}

import type { Dialect } from "../dialects/index.ts";
import { type RenderedCalls, roundTrips } from "./round-trip.ts";

/**
 * A descriptor for a format nobody has described: JSON objects between markers, read off the rendering of sentinel calls.
 * Undefined where the markers can't be told, or what they give does not read back.
 */
export function derive(rendered: RenderedCalls): Dialect | undefined {
  for (const { text } of rendered.one?.candidates ?? []) {
    const span = objectWith(text, '"get_weather"');
    if (span === undefined) continue;
    const open = text.slice(0, span.start).trim();
    const close = /^\s*(<[^<>\s]+>|\[\/[^\]\s]+\])/.exec(text.slice(span.end))?.[1];
    const marker = /(<[^<>\s]+>|\[[A-Z_]+\])\s*\[?$/.exec(open)?.[1];
    if (marker === undefined) continue;
    const dialect: Dialect = {
      id: "derived",
      models: [],
      calls: [{ open: [marker], close: close === undefined ? [] : [close], body: [{ kind: "json" }] }],
      thinking: { open: ["<think>"], close: ["</think>"] },
      needles: [[marker]],
      sample: `${marker}{"name": "get_weather", "arguments": {"city": "Oslo"}}${close ?? ""}`,
    };
    if (roundTrips(rendered, dialect)) return dialect;
  }
  return undefined;
}

/** The outermost JSON object that holds this text. */
function objectWith(text: string, needle: string): { start: number; end: number } | undefined {
  const at = text.indexOf(needle);
  for (
    let start = text.lastIndexOf("{", at);
    at >= 0 && start >= 0;
    start = text.lastIndexOf("{", start - 1)
  ) {
    for (let end = text.indexOf("}", at); end >= 0; end = text.indexOf("}", end + 1)) {
      try {
        JSON.parse(text.slice(start, end + 1));
        return { start, end: end + 1 };
      } catch {
        // Not the whole object yet.
      }
    }
    if (start === 0) break;
  }
  return undefined;
}

import { type Tool, ToolError } from "hearth";
import { showBytes, teach } from "../confine/index.ts";
import { kindOf } from "../files/text.ts";
import { type Fetched, type GuardOptions, guardedFetch } from "./guard.ts";

/** Characters of one answer: about 4,000 tokens. */
const MAX_CHARS = 16_000;

export function httpFetch(options: GuardOptions): Tool {
  return {
    name: "http_fetch",
    description: "Fetch a web page or file from the internet and show it as text.",
    parameters: {
      type: "object",
      properties: {
        url: { type: "string", description: "The whole address, such as https://example.com/page." },
        offset: {
          type: "integer",
          description: "Character to begin at, to read on in a long page.",
          minimum: 0,
          default: 0,
        },
        links: { type: "boolean", description: "Show where links lead.", default: false },
      },
      required: ["url"],
      additionalProperties: false,
    },
    effect: "none",
    reads: "public",
    source: "untrusted",
    egress: true,
    run: async (args, context) => {
      try {
        const url = args["url"];
        if (typeof url !== "string") throw new ToolError('"url" must be a text.');
        const offset = typeof args["offset"] === "number" ? Math.max(0, Math.trunc(args["offset"])) : 0;
        const fetched = await guardedFetch(url, { ...options, signal: context.signal });
        return await answer(fetched, offset, args["links"] === true);
      } catch (error) {
        if (!(error instanceof ToolError)) throw error;
        return { ok: false, content: teach(error), details: { error: error.name } };
      }
    },
  };
}

async function answer(fetched: Fetched, offset: number, links: boolean) {
  const { status, url, type, body, cut, redirects } = fetched;
  const ok = status >= 200 && status < 300;
  const details = { url, status, type, bytes: body.length, redirects };
  const text = await pageText(fetched, links);
  const head = ok ? url : `${url} answered ${status}.`;
  if (text === undefined) {
    return {
      ok: false,
      content: `${head}\nThis is no text (${type === "" ? "unknown type" : type.slice(0, 80)}, ${showBytes(body.length)}).`,
      details,
    };
  }
  const piece = text.slice(offset, offset + MAX_CHARS);
  const left = text.length - offset - piece.length;
  const notes: string[] = [];
  if (left > 0)
    notes.push(
      `[${left.toLocaleString("en-US")} more characters; continue with offset ${offset + piece.length}]`,
    );
  if (cut) notes.push(`[the page is longer than ${showBytes(body.length)}; the rest was not fetched]`);
  if (piece === "") notes.push(offset > 0 ? `[there is nothing at offset ${offset}]` : "[the page is empty]");
  return {
    ok,
    content: [head, piece, ...notes].filter((part) => part !== "").join("\n"),
    details: { ...details, chars: text.length, from: offset },
  };
}

/** The readable text of what came, by its type and its own bytes; undefined where it is none. */
export async function pageText(
  { type, body, url }: Pick<Fetched, "type" | "body" | "url">,
  links: boolean,
): Promise<string | undefined> {
  const media = type.split(";")[0]!.trim().toLowerCase();
  const kind = kindOf(body.subarray(0, 8192));
  if (kind.kind !== "text") return undefined;
  const text = decode(body, charsetOf(type, media, body));
  const html =
    media === "text/html" ||
    media === "application/xhtml+xml" ||
    (media === "" && /^\s*(?:<!doctype html|<html)/i.test(text));
  return html ? await htmlText(text, url, links) : text;
}

function charsetOf(type: string, media: string, body: Buffer): string {
  const named = /charset\s*=\s*"?([\w.:-]+)/i.exec(type)?.[1];
  if (named !== undefined || media !== "text/html") return named ?? "utf-8";
  return (
    /<meta[^>]+charset\s*=\s*["']?([\w.:-]+)/i.exec(body.subarray(0, 2048).toString("latin1"))?.[1] ?? "utf-8"
  );
}

function decode(body: Buffer, charset: string): string {
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    // A charset nobody knows.
    return new TextDecoder("utf-8").decode(body);
  }
}

/** HTML as text: headings, paragraphs, lists and tables; without scripts, pictures and navigation. */
async function htmlText(html: string, url: string, links: boolean): Promise<string> {
  // Loaded with the first page: most runs fetch none.
  const { compile } = await import("html-to-text");
  const title = /<title[^>]*>([^<]{1,300})/i.exec(html)?.[1]?.replace(/\s+/g, " ").trim();
  const convert = compile({
    wordwrap: false,
    limits: { maxInputLength: 2_000_000, maxDepth: 200, maxChildNodes: 20_000 },
    selectors: [
      {
        selector: "a",
        options: { ignoreHref: !links, baseUrl: new URL(url).origin, hideLinkHrefIfSameAsText: true },
      },
      { selector: "img", format: "skip" },
      { selector: "nav", format: "skip" },
      { selector: "script", format: "skip" },
      { selector: "style", format: "skip" },
      { selector: "noscript", format: "skip" },
      { selector: "svg", format: "skip" },
      { selector: "table", format: "dataTable", options: { maxColumnWidth: 60 } },
      ...["h1", "h2", "h3", "h4", "h5", "h6"].map((selector) => ({
        selector,
        options: { uppercase: false },
      })),
    ],
  });
  const text = convert(html)
    .replace(/[ \t]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
  return title === undefined || text.startsWith(title) ? text : `${title}\n\n${text}`;
}

import type { JsonObject, JsonSchema } from "../../../protocol/index.ts";
import type { TaggedBody } from "../../dialects/bodies.ts";
import { coerce, isPlainText } from "../../values/coerce.ts";
import { escapeText } from "../../values/escape.ts";
import { typesOf } from "../../values/schema.ts";
import { type Look, Matcher, MORE, NO, type Source, YES } from "../source.ts";
import type { Sink } from "./reader.ts";

type Stop = "close" | "param" | "call" | "wrapper";

const CDATA = "<![CDATA[";
const MAX_KEY = 200;

const matchers = new WeakMap<TaggedBody, Map<string, Matcher<Stop>>>();

function matcherOf(body: TaggedBody, closers: readonly string[]): Matcher<Stop> {
  let byClosers = matchers.get(body);
  if (byClosers === undefined) matchers.set(body, (byClosers = new Map()));
  const key = closers.join("\0");
  let matcher = byClosers.get(key);
  if (matcher === undefined) {
    const stops = new Map<string, Stop>();
    for (const text of body.param.close) stops.set(text, "close");
    for (const text of body.param.open) if (!stops.has(text)) stops.set(text, "param");
    for (const text of body.call?.close ?? []) if (!stops.has(text)) stops.set(text, "call");
    for (const text of closers) if (!stops.has(text)) stops.set(text, "wrapper");
    byClosers.set(key, (matcher = new Matcher([...stops].map(([text, value]) => ({ text, value })))));
  }
  return matcher;
}

/**
 * Reads one raw value up to its end, and hands it on as JSON text: text as it comes, anything else once it is whole and
 * its type is known. A closing tag inside a value is part of it unless the call goes on, or ends, right behind it.
 */
export class ValueReader {
  private out = "";
  private raw = "";
  private begun = false;
  /** A line break stood before the value, so the one behind it is dress too. */
  private framed = false;
  private opened = false;
  private space = "";
  private readonly plain: boolean;
  private cdata = false;
  private readonly body: TaggedBody;
  private readonly root: JsonSchema;
  private readonly schema: JsonObject | undefined;
  private readonly isFresh: (key: string) => boolean;

  constructor(
    body: TaggedBody,
    root: JsonSchema,
    schema: JsonObject | undefined,
    isFresh: (key: string) => boolean,
  ) {
    this.body = body;
    this.root = root;
    this.schema = schema;
    this.isFresh = isFresh;
    this.plain = isPlainText(typesOf(schema, root));
  }

  take(): string {
    const out = this.out;
    this.out = "";
    return out;
  }

  step(src: Source, sink: Sink): Look {
    if (!this.opened) {
      const look = this.open(src);
      if (look !== YES) return look;
    }
    return this.cdata ? this.inCdata(src, sink) : this.inText(src, sink);
  }

  /** The white space before the value, and the wrapper that XML has for raw text. */
  private open(src: Source): Look {
    if (this.body.cdata === true) {
      const at = src.afterSpace(src.pos);
      const look = at >= src.text.length && !src.ended ? MORE : src.at(CDATA, at);
      if (look === MORE) return MORE;
      if (look === YES) {
        src.pos = at + CDATA.length;
        this.cdata = true;
      }
    }
    this.opened = true;
    return YES;
  }

  private inCdata(src: Source, sink: Sink): Look {
    const at = src.text.indexOf("]]>", src.pos);
    if (at >= 0) {
      this.put(src.text.slice(src.pos, at));
      src.pos = at + 3;
      this.cdata = false;
      return this.inText(src, sink);
    }
    let to = src.text.length;
    if (!src.ended) to = Math.max(src.pos, to - 2);
    this.put(src.text.slice(src.pos, to));
    src.pos = to;
    return MORE;
  }

  private inText(src: Source, sink: Sink): Look {
    const matcher = matcherOf(this.body, sink.closers);
    let from = src.pos;
    while (true) {
      const look = matcher.find(src.text, from, src.ended);
      const { at } = matcher;
      if (look !== YES) {
        this.put(src.text.slice(src.pos, at));
        src.pos = at;
        return MORE;
      }
      const { text, value } = matcher.hit!;
      const ends = this.ends(src, sink, at, text, value);
      if (ends === MORE) {
        this.put(src.text.slice(src.pos, at));
        src.pos = at;
        return MORE;
      }
      if (ends === NO) {
        from = at + 1;
        continue;
      }
      this.put(src.text.slice(src.pos, at));
      src.pos = at;
      if (value === "close") src.pos += text.length;
      else sink.repair("missing-close");
      this.end(sink);
      return YES;
    }
  }

  /** Whether a marker at `at` ends this value. */
  private ends(src: Source, sink: Sink, at: number, text: string, stop: Stop): Look {
    const { body } = this;
    if (stop === "param") return this.isNextParam(src, at, text);
    const next = src.afterSpace(at + text.length);
    if (next >= src.text.length) return src.ended ? YES : MORE;
    const after =
      stop === "close"
        ? [
            ...body.param.open,
            ...(body.call?.close ?? []),
            ...(body.call?.open ?? []),
            ...sink.closers,
            ...sink.openers,
          ]
        : stop === "call"
          ? [...sink.closers, ...sink.openers, ...(body.many === true ? (body.call?.open ?? []) : [])]
          : [...sink.openers];
    const found = src.oneOf(
      after.filter((one) => one !== ""),
      next,
    );
    return found === MORE ? MORE : found === undefined ? NO : YES;
  }

  /** An opening tag where the closing one was left out: only for a parameter that the tool has and that is not given yet. */
  private isNextParam(src: Source, at: number, open: string): Look {
    const { param } = this.body;
    for (let i = at + open.length; i - at < MAX_KEY; i++) {
      const end = src.oneOf(param.end, i);
      if (end === MORE || (i >= src.text.length && !src.ended)) return MORE;
      if (i > src.text.length) return NO;
      if (end === undefined) continue;
      const key = param.header.exec(src.text.slice(at + open.length, i))?.groups?.key?.trim();
      return key !== undefined && this.isFresh(key) ? YES : NO;
    }
    return NO;
  }

  private put(text: string): void {
    if (text === "") return;
    if (!this.plain) {
      this.raw += text;
      return;
    }
    let piece = this.space + text;
    this.space = "";
    if (!this.begun) {
      piece = this.trimStart(piece);
      if (piece === "" && this.body.trim !== "none") {
        if (this.body.trim === "newline" && text !== "") this.start();
        return;
      }
      this.start();
    }
    const keep = this.trailing(piece);
    this.space = piece.slice(piece.length - keep);
    this.out += escapeText(piece.slice(0, piece.length - keep));
  }

  private start(): void {
    if (!this.begun) this.out += '"';
    this.begun = true;
  }

  private trimStart(text: string): string {
    if (this.body.trim === "newline") {
      this.framed = text.startsWith("\n");
      return this.framed ? text.slice(1) : text;
    }
    return this.body.trim === "all" ? text.trimStart() : text;
  }

  /** How much at the end may belong to the writing: it waits for what follows. */
  private trailing(text: string): number {
    if (this.body.trim === "none") return 0;
    if (this.body.trim === "newline") return this.framed && text.endsWith("\n") ? 1 : 0;
    return text.length - text.trimEnd().length;
  }

  private end(sink: Sink): void {
    if (this.plain) {
      this.start();
      this.out += '"';
      return;
    }
    const raw = this.body.trim === "newline" ? this.raw.replace(/^\n/, "").replace(/\n$/, "") : this.raw;
    const value = coerce(this.body.trim === "all" ? raw.trim() : raw, this.schema, this.root);
    if (value.repair !== undefined) sink.repair(value.repair);
    this.out += value.json;
  }
}

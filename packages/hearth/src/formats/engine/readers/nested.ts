import type { JsonSchema } from "../../../protocol/index.ts";
import type { NestedBody } from "../../dialects/bodies.ts";
import { coerce } from "../../values/coerce.ts";
import { escapeText } from "../../values/escape.ts";
import { itemsOf, propertyOf, typesOf } from "../../values/schema.ts";
import { type Look, MORE, NO, type Source, YES } from "../source.ts";
import type { Reader, Sink } from "./reader.ts";

const MAX_TAG = 512;
const MAX_DEPTH = 64;

interface Frame {
  tag: string;
  schema: JsonSchema | undefined;
  text: string;
  children: { tag: string; json: string }[];
}

/** Reads parameters whose tags are their names, objects and lists as tags inside tags. */
export class NestedReader implements Reader {
  private name = "";
  private root: JsonSchema = {};
  private readonly frames: Frame[] = [];
  private first = true;
  private called = false;
  private any = false;
  private ready = false;
  private readonly body: NestedBody;

  constructor(body: NestedBody) {
    this.body = body;
  }

  step(src: Source, sink: Sink): Look {
    while (true) {
      const look = this.advance(src, sink);
      if (look !== YES || this.ready) return look;
    }
  }

  private advance(src: Source, sink: Sink): Look {
    const { prefix } = this.body;
    const top = this.frames.at(-1);
    if (top === undefined) return this.between(src, sink);
    const at = src.text.indexOf(prefix, src.pos);
    if (at < 0) {
      let keep = src.ended ? 0 : Math.min(prefix.length - 1, src.text.length - src.pos);
      while (keep > 0 && !src.text.endsWith(prefix.slice(0, keep))) keep--;
      const to = src.text.length - keep;
      top.text += src.text.slice(src.pos, to);
      src.pos = to;
      return MORE;
    }
    top.text += src.text.slice(src.pos, at);
    src.pos = at;
    return this.tag(src, sink, at + prefix.length);
  }

  /** Outside of any parameter only tags may stand. */
  private between(src: Source, sink: Sink): Look {
    if (!src.skipSpace()) return MORE;
    const close = src.oneOf(sink.closers);
    const further = src.oneOf(sink.openers);
    if (close === MORE || further === MORE) return MORE;
    if ((close !== undefined || further !== undefined) && (this.called || this.any)) {
      if (this.called) {
        sink.repair("missing-close");
        this.closeCall(sink);
      }
      this.ready = true;
      return YES;
    }
    const look = src.at(this.body.prefix);
    return look === YES ? this.tag(src, sink, src.pos + this.body.prefix.length) : look;
  }

  private tag(src: Source, sink: Sink, from: number): Look {
    let end = from;
    while (end < src.text.length && src.text[end] !== ">") end++;
    if (end - from > MAX_TAG) return NO;
    if (end >= src.text.length) return MORE;
    if (src.text[from] !== "<") return NO;
    const tag = src.text.slice(from + 1, end).trim();
    src.pos = end + 1;
    if (!this.called) return this.openCall(tag, sink);
    if (!tag.startsWith("/")) return this.open(tag);
    return tag === "/invoke" ? this.closeCall(sink) : this.close(tag.slice(1), sink);
  }

  private openCall(tag: string, sink: Sink): Look {
    const name = /^invoke\s+name="(?<name>[^"]+)"/.exec(tag)?.groups?.name;
    if (name === undefined || !sink.start(name)) return NO;
    this.name = name;
    this.root = sink.parameters(this.name);
    this.first = true;
    this.called = true;
    return YES;
  }

  private open(tag: string): Look {
    if (this.frames.length >= MAX_DEPTH) return NO;
    const top = this.frames.at(-1);
    const inside = top === undefined ? this.root : top.schema;
    const isItem = tag === "item" && (inside === undefined || typesOf(inside, this.root).has("array"));
    const schema = isItem ? itemsOf(inside, this.root) : propertyOf(inside, tag, this.root);
    this.frames.push({ tag, schema, text: "", children: [] });
    return YES;
  }

  private close(tag: string, sink: Sink): Look {
    const frame = this.frames.pop();
    if (frame === undefined || frame.tag !== tag) return NO;
    const json = this.jsonOf(frame, sink);
    const top = this.frames.at(-1);
    if (top !== undefined) {
      top.children.push({ tag, json });
      return YES;
    }
    sink.delta(`${this.first ? "{" : ","}"${escapeText(tag)}":${json}`);
    this.first = false;
    return YES;
  }

  private jsonOf(frame: Frame, sink: Sink): string {
    const { children, schema } = frame;
    if (children.length === 0) {
      const types = typesOf(schema, this.root);
      const empty = frame.text.trim() === "";
      if (empty && types.has("array") && !types.has("string")) return "[]";
      if (empty && types.has("object") && !types.has("string")) return "{}";
      const value = coerce(frame.text, schema, this.root);
      if (value.repair !== undefined) sink.repair(value.repair);
      return value.json;
    }
    const types = typesOf(schema, this.root);
    const items = children.every((child) => child.tag === "item");
    if (items && !(types.has("object") && !types.has("array")))
      return `[${children.map((child) => child.json).join(",")}]`;
    const byTag = new Map<string, string[]>();
    for (const child of children) byTag.set(child.tag, [...(byTag.get(child.tag) ?? []), child.json]);
    const fields = [...byTag].map(([tag, list]) => {
      const value = list.length === 1 ? list[0]! : `[${list.join(",")}]`;
      return `"${escapeText(tag)}":${value}`;
    });
    return `{${fields.join(",")}}`;
  }

  private closeCall(sink: Sink): Look {
    if (this.frames.length > 0) return NO;
    sink.delta(this.first ? "{}" : "}");
    sink.finish();
    this.called = false;
    this.any = true;
    return YES;
  }
}

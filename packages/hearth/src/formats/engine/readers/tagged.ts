import { isObject } from "../../../protocol/index.ts";
import type { Tag, TaggedBody } from "../../dialects/bodies.ts";
import { escapeText } from "../../values/escape.ts";
import { readJson } from "../../values/read.ts";
import { propertyOf } from "../../values/schema.ts";
import { type Look, MORE, NO, type Source, YES } from "../source.ts";
import { ArgsReader } from "./args.ts";
import type { Reader, Sink } from "./reader.ts";
import { ValueReader } from "./value.ts";

const CALL = 0;
const BETWEEN = 1;
const PARAM = 2;
const VALUE = 3;
const JSON_BODY = 4;
const MANY = 5;

/** Longest opening tag. */
const MAX_TAG = 512;

/** Reads a tool's name and its parameters from tags; the values are raw text, typed by the tool's schema. */
export class TaggedReader implements Reader {
  private state = CALL;
  private name = "";
  private first = true;
  private value: ValueReader | undefined;
  private key = "";
  private readonly seen = new Set<string>();
  private args: ArgsReader | undefined;
  private hidden = false;
  private readonly given = new Set<string>();
  private wrapped: string | undefined;
  private readonly body: TaggedBody;

  constructor(body: TaggedBody, name?: string) {
    this.body = body;
    if (name !== undefined) {
      this.name = name;
      this.state = BETWEEN;
    }
  }

  step(src: Source, sink: Sink): Look {
    while (true) {
      const look = this.advance(src, sink);
      if (look !== YES || this.state === CALL - 1) return look;
    }
  }

  private advance(src: Source, sink: Sink): Look {
    switch (this.state) {
      case CALL:
        return this.openCall(src, sink);
      case BETWEEN:
        return this.between(src, sink);
      case PARAM:
        return this.openParam(src, sink);
      case VALUE:
        return this.inValue(src, sink);
      case JSON_BODY: {
        const look = this.args!.step(src, sink);
        if (look === YES) this.state = BETWEEN;
        return look;
      }
      default:
        return this.another(src);
    }
  }

  /** Reads an opening tag; its header fields, or NO or MORE. */
  private tag(src: Source, tag: Tag): Record<string, string | undefined> | typeof NO | typeof MORE {
    const open = src.oneOf(tag.open);
    if (open === MORE || open === undefined) return open ?? NO;
    const from = src.pos + open.length;
    for (let at = from; at - from <= MAX_TAG; at++) {
      const before = at > from ? src.oneOf(tag.endBefore ?? [], at) : undefined;
      const end = src.oneOf(tag.end, at);
      if (before === MORE || end === MORE || (at >= src.text.length && !src.ended)) return MORE;
      if (at > src.text.length) return NO;
      if (end === undefined && tag.loose !== undefined && src.at(tag.loose, at) === YES) {
        const look = this.looseEnd(src, tag, at + tag.loose.length);
        if (look === MORE) return MORE;
        if (look === YES) return this.cutHeader(src, tag, from, at, tag.loose.length);
      }
      if (end === undefined && before === undefined) {
        if (tag.partial?.test(src.text.slice(from, at + 1)) === false) return NO;
        continue;
      }
      const written = src.text.slice(from, at);
      const groups = tag.header.exec(
        tag.clean === undefined ? written : written.replace(tag.clean, ""),
      )?.groups;
      if (groups === undefined) return NO;
      src.pos = at + (typeof end === "string" ? end.length : 0);
      return groups;
    }
    return NO;
  }

  /** Whether no proper end follows the loose one. */
  private looseEnd(src: Source, tag: Tag, from: number): Look {
    const at = src.afterSpace(from);
    if (at >= src.text.length && !src.ended) return MORE;
    const end = src.oneOf([...tag.end, "<"], at);
    return end === MORE ? MORE : end === undefined ? YES : NO;
  }

  private cutHeader(
    src: Source,
    tag: Tag,
    from: number,
    at: number,
    skip: number,
  ): Record<string, string | undefined> | typeof NO {
    src.pos = at + skip;
    src.pos = src.afterSpace(src.pos);
    return tag.header.exec(src.text.slice(from, at))?.groups ?? NO;
  }

  private openCall(src: Source, sink: Sink): Look {
    const fields = this.tag(src, this.body.call!);
    if (fields === NO || fields === MORE) return fields;
    this.name = (fields.name ?? "").trim();
    if (this.name === "" || !sink.start(this.name, fields.id)) return NO;
    this.first = true;
    this.seen.clear();
    this.given.clear();
    this.wrapped = undefined;
    this.args = undefined;
    this.state = BETWEEN;
    return YES;
  }

  private between(src: Source, sink: Sink): Look {
    const { body } = this;
    if (!src.skipSpace()) return MORE;
    const param = this.args === undefined ? src.oneOf(body.param.open) : undefined;
    const close = src.oneOf(body.call?.close ?? []);
    const end = src.oneOf(sink.closers);
    const next = body.call === undefined ? undefined : src.oneOf(body.call.open.filter((one) => one !== ""));
    // Behind JSON it is Laguna's habit of writing the same call once more inside (Ollama's recorded case).
    const further = this.args === undefined ? src.oneOf(sink.openers) : undefined;
    if (param === MORE || close === MORE || end === MORE || next === MORE || further === MORE) return MORE;
    if (param !== undefined) {
      this.state = PARAM;
      return YES;
    }
    if (close !== undefined || end !== undefined || next !== undefined || further !== undefined) {
      if (close !== undefined) src.pos += close.length;
      else if (body.call !== undefined && body.call.close.length > 0) sink.repair("missing-close");
      return this.finish(sink);
    }
    if (body.jsonBody === true && this.first && this.args === undefined && src.text[src.pos] === "{") {
      this.args = new ArgsReader();
      this.state = JSON_BODY;
      return YES;
    }
    return NO;
  }

  private openParam(src: Source, sink: Sink): Look {
    const fields = this.tag(src, this.body.param);
    if (fields === NO || fields === MORE) return fields;
    this.key = (fields.key ?? "").trim();
    if (this.key === "" || (this.body.unique === true && this.seen.has(this.key))) return NO;
    const root = sink.parameters(this.name);
    let schema = propertyOf(root, this.key, root);
    const wrapper = schema === undefined && this.first && this.body.wrappers?.includes(this.key) === true;
    let text = fields.string === "true";
    if (fields.type !== undefined) {
      text = fields.type === "string";
      if (schema === undefined || !text) schema ??= { type: fields.type };
    }
    if (!text && schema === undefined && fields.string === "false")
      schema = { type: ["null", "boolean", "number", "object", "array", "string"] };
    this.value = new ValueReader(
      this.body,
      root,
      wrapper ? { type: ["object", "string"] } : text ? undefined : schema,
      (name) =>
        (propertyOf(root, name, root) !== undefined || root.properties === undefined) && !this.seen.has(name),
    );
    this.seen.add(this.key);
    this.hidden = this.body.closed === true && schema === undefined && !wrapper && isObject(root.properties);
    if (wrapper) this.wrapped = "";
    else if (this.hidden) sink.repair("unknown-parameter");
    else this.lead(sink);
    this.state = VALUE;
    return YES;
  }

  private lead(sink: Sink): void {
    sink.delta(`${this.first ? "{" : ","}"${escapeText(this.key)}":`);
    this.first = false;
    this.given.add(this.key);
  }

  private inValue(src: Source, sink: Sink): Look {
    const look = this.value!.step(src, sink);
    const json = this.value!.take();
    if (this.hidden) return look === YES ? this.next() : look;
    if (this.wrapped === undefined) sink.delta(json);
    else this.wrapped += json;
    if (look !== YES) return look;
    if (this.wrapped !== undefined) this.unwrap(sink);
    return this.next();
  }

  private next(): Look {
    this.hidden = false;
    this.state = BETWEEN;
    return YES;
  }

  /** A single parameter called `arguments` that holds an object: the parameters are inside. */
  private unwrap(sink: Sink): void {
    const json = this.wrapped!;
    this.wrapped = undefined;
    const inner = json.startsWith('"') ? readJson(JSON.parse(json) as string)?.json : json;
    if (inner?.startsWith("{") !== true) {
      this.lead(sink);
      sink.delta(json);
      return;
    }
    sink.repair("unwrapped-arguments");
    if (inner === "{}") return;
    for (const key of Object.keys(JSON.parse(inner) as object)) this.given.add(key);
    sink.delta((this.first ? "{" : ",") + inner.slice(1, -1));
    this.first = false;
  }

  private finish(sink: Sink): Look {
    if (this.args === undefined) sink.delta(this.first ? "{}" : "}");
    if (this.lacks(sink)) sink.abandon();
    else sink.finish();
    this.state = this.body.many === true ? MANY : CALL - 1;
    return YES;
  }

  /** A required parameter is missing, in a dialect that is strict about it. */
  private lacks(sink: Sink): boolean {
    const { required } = sink.parameters(this.name);
    if (this.body.closed !== true || !Array.isArray(required)) return false;
    return required.some((key) => typeof key === "string" && !this.given.has(key));
  }

  /** Whether another call stands in the same wrapper. */
  private another(src: Source): Look {
    const at = src.afterSpace(src.pos);
    if (at >= src.text.length && !src.ended) return MORE;
    const open = src.oneOf(this.body.call!.open, at);
    if (open === MORE) return MORE;
    this.state = open === undefined ? CALL - 1 : CALL;
    if (open !== undefined) src.pos = at;
    return YES;
  }
}

import type { NamedBody } from "../../dialects/bodies.ts";
import { type Look, MORE, NO, type Source, YES } from "../source.ts";
import { ArgsReader } from "./args.ts";
import type { Reader, Sink } from "./reader.ts";

/** Reads a header with the tool's name, then its arguments as JSON. */
export class NamedReader implements Reader {
  private args: ArgsReader | undefined;
  private tail = false;
  private readonly body: NamedBody;

  constructor(body: NamedBody, name?: string) {
    this.body = body;
    if (name !== undefined) this.args = new ArgsReader();
  }

  step(src: Source, sink: Sink): Look {
    if (this.args === undefined) {
      const look = this.header(src, sink);
      if (look !== YES || this.tail) return look;
    }
    if (!this.tail) {
      const look = this.arguments(src, sink);
      if (look !== YES) return look;
    }
    return this.dress(src);
  }

  private header(src: Source, sink: Sink): Look {
    const { body } = this;
    const max = body.maxHeader ?? 300;
    let at = src.pos;
    while (true) {
      if (at >= src.text.length) return at - src.pos > max ? NO : MORE;
      if (at - src.pos > max) return NO;
      const char = src.text[at];
      if (char === "{") break;
      const close = src.oneOf(sink.closers, at);
      if (close === MORE) return MORE;
      if (close !== undefined) {
        if (body.bareName !== true) return NO;
        break;
      }
      at++;
    }
    const found = body.header.exec(src.text.slice(src.pos, at));
    const name = found?.groups?.name?.trim();
    if (name === undefined || name === "") return NO;
    src.pos = at;
    const id = found?.groups?.id?.trim();
    if (!sink.start(name, id === "" ? undefined : id)) return NO;
    this.args = new ArgsReader();
    if (src.text[at] !== "{") {
      sink.delta("{}");
      sink.finish();
      this.tail = true;
    }
    return YES;
  }

  private arguments(src: Source, sink: Sink): Look {
    const { args } = this;
    const look = args!.step(src, sink);
    if (look !== YES) return look;
    sink.finish();
    this.tail = true;
    return YES;
  }

  private dress(src: Source): Look {
    const { tail } = this.body;
    if (tail === undefined) return YES;
    if (!src.skipSpace()) return src.ended ? YES : MORE;
    const found = src.oneOf(tail);
    if (found === MORE) return MORE;
    if (typeof found === "string") src.pos += found.length;
    return YES;
  }
}

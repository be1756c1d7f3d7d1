import type { GemmaBody } from "../../dialects/bodies.ts";
import { type Look, MORE, NO, type Source, YES } from "../source.ts";
import { ArgsReader } from "./args.ts";
import type { Reader, Sink } from "./reader.ts";

const MAX_NAME = 256;

/** Reads `call:name{key:value}`: bare keys, strings in quotes of their own. */
export class GemmaReader implements Reader {
  private args: ArgsReader | undefined;
  private bracket = "{";
  private readonly body: GemmaBody;

  constructor(body: GemmaBody) {
    this.body = body;
  }

  step(src: Source, sink: Sink): Look {
    if (this.args === undefined) {
      const look = this.header(src, sink);
      if (look !== YES) return look;
    }
    const look = this.args!.step(src, sink);
    if (look === YES) sink.finish();
    return look;
  }

  private header(src: Source, sink: Sink): Look {
    const lead = src.oneOf([this.body.lead, ":"]);
    if (lead === MORE) return MORE;
    const from = src.pos + (lead ?? "").length;
    let at = from;
    while (at < src.text.length && !"{(<".includes(src.text[at]!)) at++;
    if (at - from > MAX_NAME) return NO;
    if (at >= src.text.length) return MORE;
    if (src.text[at] !== this.bracket) return NO;
    const name = src.text.slice(from, at).trim();
    if (!/^[^\s"'{}]+$/.test(name)) return NO;
    src.pos = at;
    this.args = new ArgsReader({ quote: this.body.quote, bareWords: true, python: true });
    return sink.start(name) ? YES : NO;
  }
}
